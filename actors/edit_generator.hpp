// SPDX-License-Identifier: MIT
//
// edit_generator: turns a session's context into an applied edit. The front hands each request to a
// detached worker; the worker applies what the caller gave, or asks the session's edit backend, and
// has the workspace take the result over, all or nothing.
//
// For a parallel round the worker has the backend propose one after the other, each knowing the
// state and the trees of those before it, so that no two are the same; what they change is written
// to the object database alone.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "actors/work/world.hpp"
#include "actors/worker_pool.hpp"
#include "messages/actors.hpp"

namespace ratchet {

using edit_worker_actor =
    caf::typed_actor<asks<propose_edit, edit_outcome>, asks<propose_variants, variants_outcome>>;

struct edit_generator_state {
  static inline const char* name = "edit_generator";
  using front = edit_generator_actor::stateful_pointer<edit_generator_state>;
  std::unique_ptr<worker_pool<front, edit_worker_actor>> pool;
};

edit_generator_actor::behavior_type edit_generator(edit_generator_state::front self, world w,
                                                   std::size_t workers);
/// The same with workers of the caller's making.
edit_generator_actor::behavior_type edit_generator_with(
    edit_generator_state::front self, world w, std::size_t workers,
    std::function<edit_worker_actor()> spawn_worker);

struct edit_worker_state {
  static inline const char* name = "edit_worker";
  /// Backends may keep things between calls; one for each choice of backend, by its JSON.
  std::map<std::string, std::shared_ptr<editor_port>> editors;
  /// Sessions whose work tree this worker has seen in order. The first time it is restored: after a
  /// power loss the store may be a step behind the files.
  std::set<std::string> seen;
};
edit_worker_actor::behavior_type edit_worker(
    edit_worker_actor::stateful_pointer<edit_worker_state> self, world w);

}  // namespace ratchet
