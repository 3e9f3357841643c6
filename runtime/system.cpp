// SPDX-License-Identifier: MIT
#include "runtime/system.hpp"

#include <algorithm>
#include <thread>

#include "messages/type_ids.hpp"

namespace ratchet {

void add_ratchet_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::ratchet>();
  config.add_error_category(
      failure_category, [](std::uint8_t, caf::atom_value, const caf::message& context) {
        return context.match_elements<std::string, std::string>() ? context.get_as<std::string>(0)
                                                                  : std::string("failed");
      });
}

system_config::system_config() {
  add_ratchet_types(*this);
  set("scheduler.policy", caf::atom("sharing"));
  // Handlers never block, so few threads serve any number of sessions.
  set("scheduler.max-threads",
      static_cast<std::size_t>(std::clamp(std::thread::hardware_concurrency(), 2u, 4u)));
}

}  // namespace ratchet
