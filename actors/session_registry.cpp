// SPDX-License-Identifier: MIT
#include "actors/session_registry.hpp"

#include <spdlog/spdlog.h>

#include "actors/logic/hex.hpp"
#include "actors/quit_after.hpp"
#include "actors/session_show.hpp"
#include "actors/work/ask_within.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

std::string new_session_id() { return random_hex(12); }

namespace {

const session_actor& find_or_start(session_registry_self self, const std::string& id) {
  auto& s = self->state;
  auto it = s.sessions.find(id);
  if (it == s.sessions.end()) {
    it = s.sessions.emplace(id, self->spawn(session, id, s.roles)).first;
    self->monitor(it->second);
  }
  return it->second;
}

void forget(session_registry_self self, const std::string& id) {
  auto& s = self->state;
  auto it = s.sessions.find(id);
  if (it == s.sessions.end()) return;
  s.forgotten.push_back(caf::actor_cast<caf::actor>(it->second));
  s.sessions.erase(it);  // its end is no surprise to on_down
  self->send_exit(s.forgotten.back(), caf::exit_reason::user_shutdown);
}

failure ends_unanswered() {
  return fail(
      errc::cancelled,
      "the runtime ends before this was answered; a step at work is undone, or recovered at "
      "the next start");
}

/// Passes a step on, and answers also when the session actor dies over it.
template <class Answer, class Request>
caf::result<Answer> pass_on(session_registry_self self, const std::string& id, Request request) {
  if (self->state.leaving) return as_error(ends_unanswered());
  auto promise = self->make_response_promise<Answer>();
  auto& calls = self->state.calls;
  auto call = calls.insert(
      calls.end(), {id, [promise](const failure& why) mutable { promise.deliver(as_error(why)); }});
  ask_within<Answer>(
      self, find_or_start(self, id), longest_step, std::move(request),
      [self, call, promise](Answer& answer) mutable {
        if (self->state.leaving) return;  // the caller was told
        self->state.calls.erase(call);
        promise.deliver(std::move(answer));
      },
      [self, call, promise, id](const caf::error& error) mutable {
        if (self->state.leaving) return;
        auto why = as_failure(error, "session " + id);
        bool lost = error.category() != failure_category;
        // A session that died has had its callers answered by on_down.
        if (!lost) self->state.calls.erase(call);
        if (!lost) promise.deliver(as_error(why));
        bool absent = why.code == errc::unknown_session || !why.details.contains("session_id");
        if (why.code == errc::unknown_session || (std::is_same_v<Answer, session_opened> && absent))
          forget(self, id);
      });
  return promise;
}

void on_down(session_registry_self self, const caf::down_msg& down) {
  auto& s = self->state;
  std::erase_if(s.forgotten, [&](const auto& actor) { return actor.address() == down.source; });
  for (auto it = s.sessions.begin(); it != s.sessions.end(); ++it) {
    if (caf::actor_cast<caf::actor_addr>(it->second) != down.source) continue;
    std::string id = it->first;
    spdlog::error("the actor of session {} died; it starts again with the next call", id);
    s.sessions.erase(it);
    self->send(s.roles.journal, close_step{id});
    s.calls.remove_if([&](auto& call) {
      if (call.session_id != id) return false;
      call.fail(fail(errc::worker_lost, "the actor of session " + id +
                                            " died over this step; it was undone or will be, "
                                            "call get_autoresearch_status"));
      return true;
    });
    return;
  }
}

void leave(session_registry_self self, const caf::error& why) {
  auto& s = self->state;
  s.leaving = true;
  for (auto& call : s.calls) call.fail(ends_unanswered());
  auto all = s.forgotten;
  for (const auto& [id, actor] : s.sessions) all.push_back(caf::actor_cast<caf::actor>(actor));
  quit_after(self, all, why);
}

void recovered(session_registry_self self) {
  if (--self->state.recoveries > 0) return;
  for (auto& go : std::exchange(self->state.after_recovery, {})) go();
}

/// What a killed process left in a folder, and no stored session needs, goes under the lease that a
/// setup at work would hold.
void remove_unfinished(session_registry_self self, const std::string& id) {
  auto give_back = [self, id] {
    self->send(self->state.roles.journal, close_step{id});
    recovered(self);
  };
  auto remove = [self, id, give_back](const done&) {
    self->request(self->state.roles.keeper, git_timeout, remove_workspace{id})
        .then([give_back](const done&) { give_back(); },
              [id, give_back](const caf::error& error) {
                spdlog::warn("what is left of session {} could not be removed: {}", id,
                             as_failure(error, "session " + id).text);
                give_back();
              });
  };
  self->request(self->state.roles.journal, store_timeout, claim_unfinished{id})
      .then(remove, [self, id](const caf::error& error) {
        recovered(self);
        auto why = as_failure(error, "session " + id);
        // Busy: a setup or a removal is at work, or the session itself will see to it.
        if (why.code != errc::session_busy)
          spdlog::warn("what is left of session {} could not be looked at: {}", id, why.text);
      });
}

void sweep_unfinished(session_registry_self self) {
  self->request(self->state.roles.keeper, git_timeout, find_unfinished{})
      .then(
          [self](const unfinished_workspaces& found) {
            self->state.recoveries += found.session_ids.size();
            recovered(self);
            for (const auto& id : found.session_ids) remove_unfinished(self, id);
          },
          [self](const caf::error& error) {
            recovered(self);
            spdlog::warn("what killed processes may have left was not looked for: {}",
                         as_failure(error, "the workspaces").text);
          });
}

void recover_interrupted(session_registry_self self) {
  auto& s = self->state;
  read_sessions ask;
  ask.interrupted_only = true;
  self->request(s.roles.journal, store_timeout, ask)
      .then(
          [self](const stored_sessions& found) {
            if (self->state.leaving) return;
            self->state.recoveries += found.sessions.size();
            recovered(self);
            for (const auto& record : found.sessions)
              self->request(find_or_start(self, record.session_id), caf::infinite,
                            recover_session{record.session_id})
                  .then([self](const done&) { recovered(self); },
                        [self, id = record.session_id](const caf::error& error) {
                          recovered(self);
                          auto why = as_failure(error, "session " + id);
                          // Busy: the process that takes the step is alive and well.
                          if (why.code != errc::session_busy)
                            spdlog::warn("session {} could not be recovered: {}", id, why.text);
                        });
          },
          [self](const caf::error& error) {
            recovered(self);
            spdlog::error("interrupted sessions could not be read: {}",
                          as_failure(error, "the store").text);
          });
}

caf::result<session_list> list(session_registry_self self, const list_sessions& m) {
  if (self->state.leaving) return as_error(ends_unanswered());
  auto promise = self->make_response_promise<session_list>();
  auto call = self->state.calls.insert(
      self->state.calls.end(),
      {"", [promise](const failure& why) mutable { promise.deliver(as_error(why)); }});
  auto go = [self, promise, m, call]() mutable {
    read_sessions ask;
    if (!m.finished_too) ask.statuses = {"pending", "running", "budget_exhausted"};
    self->request(self->state.roles.journal, store_timeout, ask)
        .then(
            [self, promise, call, all = m.finished_too](const stored_sessions& found) mutable {
              if (self->state.leaving) return;
              self->state.calls.erase(call);
              session_list answer;
              auto now = self->state.roles.clock->now_ms();
              for (const auto& record : found.sessions)
                if (auto d = session_document::read(record, {});
                    d && (all || d->state.next != session_step::none))
                  answer.active_sessions.push_back(progress_of(*d, now));
              promise.deliver(std::move(answer));
            },
            [self, promise, call](const caf::error& error) mutable {
              if (self->state.leaving) return;
              self->state.calls.erase(call);
              promise.deliver(error);
            });
  };
  if (self->state.recoveries == 0)
    go();
  else
    self->state.after_recovery.push_back(go);
  return promise;
}

}  // namespace

session_registry_actor::behavior_type session_registry(session_registry_self self,
                                                       session_roles roles) {
  self->state.roles = std::move(roles);
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) { leave(self, exit.reason); });
  recover_interrupted(self);
  sweep_unfinished(self);
  return {
      [self](const setup_session& m) {
        return pass_on<session_opened>(self, m.session_id.empty() ? new_session_id() : m.session_id,
                                       m);
      },
      [self](const edit_candidate& m) { return pass_on<edit_answer>(self, m.session_id, m); },
      [self](const run_candidate& m) { return pass_on<run_answer>(self, m.session_id, m); },
      [self](const decide_candidate& m) { return pass_on<decide_answer>(self, m.session_id, m); },
      [self](const finalize_session& m) { return pass_on<finalize_answer>(self, m.session_id, m); },
      [self](const get_status& m) { return pass_on<progress>(self, m.session_id, m); },
      [self](const list_sessions& m) { return list(self, m); },
      [self](const show_session& m) { return show(self, m); },
      [self](const steer_session& m) { return self->delegate(self->state.roles.journal, m); },
      [self](const read_iterations& m) { return self->delegate(self->state.roles.journal, m); },
      [self](const compare_session& m) { return pass_on<comparison>(self, m.session_id, m); },
      [self](const prune_session& m) { return pass_on<session_pruned>(self, m.session_id, m); },
      [self](const best_tool_query& m) { return self->delegate(self->state.roles.recorder, m); },
      [self](const cancel_step& m) {
        auto it = self->state.sessions.find(m.session_id);
        if (it != self->state.sessions.end()) self->send(it->second, m);
      },
  };
}

}  // namespace ratchet
