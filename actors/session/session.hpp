// SPDX-License-Identifier: MIT
//
// session: one per session, owner of nothing outside. It takes the steps one at a time, in order of
// arrival: opens the step at the journal (lease, stored state), lets actors/logic/session_ledger
// decide, asks the other roles, and answers only when the journal has made the outcome durable.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/logic/session_ledger.hpp"
#include "actors/ports/clock_port.hpp"
#include "actors/session/side_by_side.hpp"
#include "actors/work/live_output.hpp"
#include "messages/actors.hpp"

namespace ratchet {

/// Whom a session asks.
struct session_roles {
  journal_actor journal;
  workspace_keeper_actor keeper;
  edit_generator_actor generator;
  experiment_runner_actor runner;
  gate_chain_actor gates;
  benchmark_recorder_actor recorder;
  federation_broadcaster_actor broadcaster;
  std::shared_ptr<clock_port> clock;
  std::shared_ptr<live_output> output;  ///< of runs, as they print
};

struct session_state {
  static inline const char* name = "session";

  std::string session_id;
  session_roles roles;
  session_document document;             ///< as of the step at work
  std::vector<std::string> uncommitted;  ///< of setup, for its answer
  std::vector<std::string> missing;      ///< as in workspace_opened, for setup's answer or error
  std::vector<std::string> absent;
  std::vector<std::string> targets;
  bool at_work = false;
  bool cancel_asked = false;  ///< of the step at work: no generator and no runner is asked any more
  bool recovering = false;    ///< the turn only rolls an interrupted step back
  side_by_side beside;
  bool lease_kept = false;      ///< between the steps: runs side by side were at work
  bool document_known = false;  ///< as it is stored; else a turn reads it, lease or not
  struct waiting_step {
    std::function<void()> begin;
    bool cancelled = false;  ///< before its turn came
  };
  std::deque<waiting_step> waiting_steps;
  struct waiting_status {
    caf::typed_response_promise<progress> promise;
    caf::actor_clock::time_point deadline;  ///< no wall clock: that may be set meanwhile
  };
  std::vector<waiting_status> waiting_status_calls;
  bool look_scheduled = false;
};

using session_self = session_actor::stateful_pointer<session_state>;

session_actor::behavior_type session(session_self self, std::string session_id,
                                     session_roles roles);

/// None of those side by side is waited for any more: they are stopped, and `then` is called when
/// none is at work.
void stop_side_by_side(session_self self, std::function<void()> then);
/// With nothing at work, in a step or side by side, the session may go to another process.
void give_up_idle_lease(session_self self);

/// Answers the status calls whose wait is over: the step has ended, or their time has.
void look_at_waiting(session_self self);

// One function a step, in the file of its name; take_recovery is in session_finalize.cpp.
caf::result<session_opened> take_setup(session_self self, const setup_session& m);
caf::result<edit_answer> take_edit(session_self self, const edit_candidate& m);
caf::result<run_answer> take_run(session_self self, const run_candidate& m);
caf::result<decide_answer> take_decide(session_self self);
caf::result<finalize_answer> take_finalize(session_self self, const finalize_session& m);
caf::result<comparison> take_compare(session_self self, int pairs);
caf::result<session_pruned> take_prune(session_self self, const prune_session& m);
caf::result<done> take_recovery(session_self self);
caf::result<progress> take_status(session_self self, const get_status& m);

}  // namespace ratchet
