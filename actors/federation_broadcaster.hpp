// SPDX-License-Identifier: MIT
//
// federation_broadcaster: puts what an improved session learned into the outbox, after the egress
// guard has looked at it; with the session's recipes where the owner shares them. It blocks on the
// disk, so the wiring spawns it detached.
//
// Peers are told off the critical path (world::deliver_soon): `broadcast` is false in the answer,
// and the reason says how many wait; the stored session learns later that all of them have accepted
// (federation_port::settle). A session that did not improve has nothing to share: `exported` is
// true (nothing failed), the outbox is not touched and the reason says why. The handler fails only
// where the export could not be done: the store's failure, or a delta that the guard could not
// clean.
#pragma once

#include "actors/work/world.hpp"
#include "messages/actors.hpp"

namespace ratchet {

federation_broadcaster_actor::behavior_type federation_broadcaster(
    federation_broadcaster_actor::pointer self, const world& w);

}  // namespace ratchet
