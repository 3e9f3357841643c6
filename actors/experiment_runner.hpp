// SPDX-License-Identifier: MIT
//
// experiment_runner: the front of all slots, those of this node (one detached run worker each) and
// those of workers that have joined from other machines. A slot takes one experiment from its first
// execution to its last, so that what is compared was measured side by side. See run_desk.hpp for
// what becomes of a run whose machine goes away.
#pragma once

#include <memory>

#include "actors/run_desk.hpp"
#include "actors/work/world.hpp"
#include "messages/actors.hpp"

namespace ratchet {

experiment_runner_role::behavior_type experiment_runner(experiment_runner_self self, world w,
                                                        std::size_t slots);
/// The same with helpers of the caller's making.
experiment_runner_role::behavior_type experiment_runner_with(experiment_runner_self self, world w,
                                                             std::size_t slots,
                                                             run_desk_helpers spawn);
run_worker_actor::behavior_type run_worker(run_worker_actor::pointer self, world w);

}  // namespace ratchet
