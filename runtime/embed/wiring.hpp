// SPDX-License-Identifier: MIT
//
// Which actor gets which port, which handle and which thread: the one place where the roles are
// spawned. Actors that block (store, git, processes, editors) are detached; the others share the
// scheduler's threads.
#pragma once

#include "actors/supervisor.hpp"
#include "actors/work/world.hpp"

namespace ratchet {

struct wiring_options {
  std::size_t slots = 1;              ///< experiments and edits side by side
  std::size_t workspace_workers = 2;  ///< git and file work side by side
};

/// Spawns the supervisor, and through it every role, on `system`.
supervisor_actor wire(caf::actor_system& system, const world& w, const wiring_options& options);

}  // namespace ratchet
