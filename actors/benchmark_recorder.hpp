// SPDX-License-Identifier: MIT
//
// benchmark_recorder: keeps how every run went, and answers which tool does a kind of task best: by
// this node's runs, or by all that the peers have told as well. It blocks on the disk, so the
// wiring spawns it detached.
#pragma once

#include <memory>

#include "actors/ports/benchmarks_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "messages/actors.hpp"

namespace ratchet {

/// Both handlers fail with the store's failure. A row with an impossible time (negative or not a
/// number) is refused with `invalid_argument`: one such row would spoil every mean. `hive` may be
/// null: then this node's runs are all that is known.
benchmark_recorder_actor::behavior_type benchmark_recorder(benchmark_recorder_actor::pointer self,
                                                           std::shared_ptr<benchmarks_port> own,
                                                           std::shared_ptr<federation_port> hive);

}  // namespace ratchet
