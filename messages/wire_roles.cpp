// SPDX-License-Identifier: MIT
#include "messages/wire.hpp"

RATCHET_ROLE_MESSAGES(RATCHET_WIRE)
