// SPDX-License-Identifier: MIT
//
// experiment_runner: a pool front with one detached worker per slot. A worker takes one experiment
// from its first execution to its last, so that what is compared was measured side by side.
#pragma once

#include <memory>

#include "actors/worker_pool.hpp"
#include "actors/world.hpp"
#include "messages/actors.hpp"

namespace ratchet {

using run_worker_actor = caf::typed_actor<asks<run_experiment, run_result>,
                                          asks<compare_commits, comparison>, asks<run_setup, done>>;

struct experiment_runner_state {
  static inline const char* name = "experiment_runner";
  using front = experiment_runner_actor::stateful_pointer<experiment_runner_state>;
  std::unique_ptr<worker_pool<front, run_worker_actor>> pool;
};

experiment_runner_actor::behavior_type experiment_runner(experiment_runner_state::front self,
                                                         world w, std::size_t slots);
/// The same with workers of the caller's making.
experiment_runner_actor::behavior_type experiment_runner_with(
    experiment_runner_state::front self, world w, std::size_t workers,
    std::function<run_worker_actor()> spawn_worker);
run_worker_actor::behavior_type run_worker(run_worker_actor::pointer self, world w);

}  // namespace ratchet
