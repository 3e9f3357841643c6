// SPDX-License-Identifier: MIT
#include "actors/ports/federation_port.hpp"

#include "messages/json_fields.hpp"

namespace ratchet {

RATCHET_JSON(federation_settings)
RATCHET_JSON(peer_record)
RATCHET_JSON(peer_introduction)

}  // namespace ratchet
