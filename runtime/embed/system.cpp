// SPDX-License-Identifier: MIT
#include "runtime/embed/system.hpp"

#include <algorithm>
#include <thread>

#include "messages/caf_port.hpp"

namespace ratchet {

system_config::system_config() {
  add_ratchet_types(*this);
  set("scheduler.policy", caf::atom("sharing"));
  // Handlers never block, so few threads serve any number of sessions.
  set("scheduler.max-threads",
      static_cast<std::size_t>(std::clamp(std::thread::hardware_concurrency(), 2u, 4u)));
}

}  // namespace ratchet
