// SPDX-License-Identifier: MIT
#include "messages/wire.hpp"

RATCHET_HOST_MESSAGES(RATCHET_WIRE)
