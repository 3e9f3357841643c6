// SPDX-License-Identifier: MIT
//
// supervisor: starts the roles in order, watches them, and stops them in reverse. A role that dies
// (its workers do not count: their front replaces them) takes all others down and up again, since
// they hold its handle; sessions are in the store, so that costs the steps at work and nothing
// else. More than `restart_budget` restarts within `restart_window` end the supervisor, and with it
// the runtime: its callers are told.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/session/session.hpp"
#include "messages/actors.hpp"

namespace ratchet {

/// The handles that a start of all roles gives.
struct started_roles {
  event_hub_actor hub;
  gate_chain_actor gates;
  session_registry_actor registry;
  experiment_runner_actor runner;
  std::vector<std::pair<std::string, caf::actor>> in_order;  ///< name, every role as started
};

/// Starts every role; called again after a role has died.
using start_roles = std::function<started_roles()>;

struct supervisor_state {
  static inline const char* name = "supervisor";
  started_roles roles;
  std::vector<std::pair<add_gate, gate_actor>> gates;  ///< the user's, for the next gate_chain
  std::deque<caf::actor_clock::time_point> restarts;
};

using supervisor_self = supervisor_actor::stateful_pointer<supervisor_state>;

supervisor_actor::behavior_type supervisor(supervisor_self self, start_roles start);

}  // namespace ratchet
