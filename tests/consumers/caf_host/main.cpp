// SPDX-License-Identifier: MIT
// A host with an actor system of its own, which talks to Ratchet's actors in typed messages:
// main STATE_DIR.
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <iostream>

#include "messages/type_ids.hpp"
#include "runtime/embed/runtime.hpp"

int main(int, char** argv) {
  caf::actor_system_config config;
  ratchet::runtime::prepare_config(config);
  caf::actor_system system{config};
  ratchet::runtime_options options;
  options.state_dir = argv[1];
  options.launcher = argv[2];
  auto lab = ratchet::runtime::open(system, options);
  if (!lab) {
    std::cerr << lab.error().text << "\n";
    return 1;
  }
  caf::scoped_actor self{system};
  bool good = false;
  self->request((*lab)->registry(), std::chrono::seconds(30), ratchet::list_sessions{})
      .receive([&](const ratchet::session_list& list) { good = list.active_sessions.empty(); },
               [&](const caf::error& error) { std::cerr << system.render(error) << "\n"; });
  if (good) std::cout << "CAF host: ok\n";
  return good ? 0 : 1;
}
