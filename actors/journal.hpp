// SPDX-License-Identifier: MIT
//
// journal: the one writer. It owns the leases of the sessions that this process works on, writes
// what their steps did, and lets the event hub tell of it once it is durable. It blocks on the
// disk, so the wiring spawns it detached.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "actors/ports/clock_port.hpp"
#include "actors/ports/lease_port.hpp"
#include "actors/ports/report_port.hpp"
#include "actors/ports/sessions_port.hpp"
#include "messages/actors.hpp"

namespace ratchet {

struct journal_state {
  static inline const char* name = "journal";

  std::shared_ptr<sessions_port> sessions;
  std::shared_ptr<lease_port> leases;
  std::shared_ptr<report_port> reports;
  std::shared_ptr<clock_port> clock;
  event_hub_actor hub;
  std::map<std::string, std::unique_ptr<session_lease>> held;  ///< by session id
};

using journal_self = journal_actor::stateful_pointer<journal_state>;

/// `open_step` fails with `session_busy` while this or another process holds the lease and with
/// `unknown_session`; a failed open holds nothing. A failed `write_step` has written nothing and
/// keeps the lease until `close_step`, so that the caller can still undo its work.
journal_actor::behavior_type journal(journal_self self, std::shared_ptr<sessions_port> sessions,
                                     std::shared_ptr<lease_port> leases,
                                     std::shared_ptr<report_port> reports,
                                     std::shared_ptr<clock_port> clock, event_hub_actor hub);

}  // namespace ratchet
