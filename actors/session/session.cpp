// SPDX-License-Identifier: MIT
#include "actors/session/session.hpp"

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// Said once: what is not at work yet finds it in the state, when it is about to begin.
void cancel(session_self self, const cancel_step& m) {
  auto& s = self->state;
  if (!s.at_work) return;
  s.cancel_asked = true;
  for (auto& step : s.waiting_steps) step.cancelled = true;
  self->send(s.roles.generator, stop_job{m.session_id});
  self->send(s.roles.runner, stop_job{m.session_id});
}

}  // namespace

session_actor::behavior_type session(session_self self, std::string session_id,
                                     session_roles roles) {
  self->state.session_id = std::move(session_id);
  self->state.roles = std::move(roles);
  self->state.document.session_id = self->state.session_id;
  return {
      [self](const setup_session& m) { return take_setup(self, m); },
      [self](const edit_candidate& m) { return take_edit(self, m); },
      [self](const run_candidate& m) { return take_run(self, m); },
      [self](const decide_candidate&) { return take_decide(self); },
      [self](const finalize_session& m) { return take_finalize(self, m); },
      [self](const get_status& m) { return take_status(self, m); },
      [self](const compare_session& m) { return take_compare(self, m.pairs); },
      [self](const prune_session& m) { return take_prune(self, m); },
      [self](const recover_session&) { return take_recovery(self); },
      [self](const look_again&) {
        self->state.look_scheduled = false;
        look_at_waiting(self);
      },
      [self](const cancel_step& m) { cancel(self, m); },
  };
}

}  // namespace ratchet
