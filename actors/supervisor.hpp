// SPDX-License-Identifier: MIT
//
// supervisor: starts the roles in order, watches them, and stops them in reverse, each once the one
// before it is gone; one that has not gone within `role_patience` is left behind, loudly. A role
// that dies (its workers do not count: their front replaces them) takes all others down and up
// again, since they hold its handle; sessions are in the store, so that costs the steps at work and
// nothing else. More than `restart_budget` restarts within `restart_window` end the supervisor, and
// with it the runtime: its callers are told.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/session/session.hpp"
#include "messages/actors.hpp"

namespace ratchet {

/// How long the stop waits for one role, with what that has spawned.
inline constexpr std::chrono::seconds role_patience{5};

/// The supervisor's note to itself: the time of the role that is being stopped is over.
struct role_is_late {
  int stop = 0;
};

}  // namespace ratchet

RATCHET_PRIVATE_MESSAGE(ratchet::role_is_late)

namespace ratchet {

using supervisor_role = supervisor_actor::extend<tells<role_is_late>>;

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
  /// Told to end and not gone yet: those of earlier starts, then, in a stop, those that are left of
  /// the last one, the next at the end.
  std::vector<std::pair<std::string, caf::actor>> leaving;
  /// A stop is under way, for this reason; `kill` once a role was left behind, for those who wait.
  std::optional<caf::error> stopped_by;
  int stops = 0;
};

using supervisor_self = supervisor_role::stateful_pointer<supervisor_state>;

supervisor_role::behavior_type supervisor(supervisor_self self, start_roles start);

}  // namespace ratchet
