// SPDX-License-Identifier: MIT
#include "messages/wire.hpp"

RATCHET_HIVE_MESSAGES(RATCHET_WIRE)
