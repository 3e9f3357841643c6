// SPDX-License-Identifier: MIT
//
// workspace_keeper: opens, restores, commits, publishes and removes work trees. The front is light;
// its detached workers do the git and file work, one session's calls one after the other (the
// session serialises them), different sessions' side by side.
#pragma once

#include <memory>

#include "actors/work/world.hpp"
#include "actors/worker_pool.hpp"
#include "messages/actors.hpp"

namespace ratchet {

using workspace_worker_actor = workspace_keeper_actor;

struct workspace_keeper_state {
  static inline const char* name = "workspace_keeper";
  using front = workspace_keeper_actor::stateful_pointer<workspace_keeper_state>;
  std::unique_ptr<worker_pool<front, workspace_worker_actor>> pool;
};

workspace_keeper_actor::behavior_type workspace_keeper(workspace_keeper_state::front self, world w,
                                                       std::size_t workers);
/// The same with workers of the caller's making.
workspace_keeper_actor::behavior_type workspace_keeper_with(
    workspace_keeper_state::front self, world w, std::size_t workers,
    std::function<workspace_worker_actor()> spawn_worker);
workspace_worker_actor::behavior_type workspace_worker(workspace_worker_actor::pointer self,
                                                       world w);

}  // namespace ratchet
