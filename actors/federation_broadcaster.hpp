// SPDX-License-Identifier: MIT
//
// federation_broadcaster: puts what an improved session learned into the outbox, after the egress
// guard has looked at it. It blocks on the disk, so the wiring spawns it detached.
//
// Delivery to peers is not part of this version: `broadcast` is always false and says so. A session
// that did not improve has nothing to share: `exported` is true (nothing failed), the outbox is not
// touched and the reason says why. The handler fails only where the export could not be done: the
// store's failure, or a delta that the guard could not clean.
#pragma once

#include <memory>

#include "actors/ports.hpp"
#include "messages/actors.hpp"

namespace ratchet {

federation_broadcaster_actor::behavior_type federation_broadcaster(
    federation_broadcaster_actor::pointer self, std::shared_ptr<store_port> store,
    std::shared_ptr<clock_port> clock);

}  // namespace ratchet
