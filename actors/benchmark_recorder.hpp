// SPDX-License-Identifier: MIT
//
// benchmark_recorder: keeps how every run went, and answers which tool does a kind of task best.
// It blocks on the disk, so the wiring spawns it detached.
#pragma once

#include <memory>

#include "actors/ports.hpp"
#include "messages/actors.hpp"

namespace ratchet {

/// Both handlers fail with the store's failure. A row with an impossible time (negative or not a
/// number) is refused with `invalid_argument`: one such row would spoil every mean.
benchmark_recorder_actor::behavior_type benchmark_recorder(benchmark_recorder_actor::pointer self,
                                                           std::shared_ptr<store_port> store);

}  // namespace ratchet
