// SPDX-License-Identifier: MIT
//
// session_registry: knows every session. It gives new ones an id, starts a session actor when one
// is first spoken of, passes the steps on, restores at its start what an earlier process left at
// work, and removes what belongs to no session. Others hold its handle; a session actor that dies
// costs its callers an error, no more. Told to end, it does so after its sessions, and whoever
// still waits for an answer is told.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "actors/session/session.hpp"

namespace ratchet {

/// 12 hexadecimal digits: 48 random bits, enough for the sessions of one store.
std::string new_session_id();

struct session_registry_state {
  static inline const char* name = "session_registry";

  /// The registry was killed, and the session actors end with it; sessions are in the store.
  ~session_registry_state() {
    for (const auto& [id, actor] : sessions)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  session_roles roles;
  std::map<std::string, session_actor> sessions;
  struct open_call {
    std::string session_id;
    std::function<void(const failure&)> fail;
  };
  std::size_t recoveries = 2;  ///< at work since the start; the first two are the looks for them
  std::vector<std::function<void()>> after_recovery;
  std::list<open_call> calls;         ///< passed on and not answered yet
  std::vector<caf::actor> forgotten;  ///< told to end, and not gone yet
  bool leaving = false;
};

using session_registry_self = session_registry_actor::stateful_pointer<session_registry_state>;

session_registry_actor::behavior_type session_registry(session_registry_self self,
                                                       session_roles roles);

}  // namespace ratchet
