// SPDX-License-Identifier: MIT
#include "actors/logic/final_comparison.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using finalize_turn = std::shared_ptr<turn<finalize_answer>>;

/// The end is stored before the work tree goes, so that a crash in between is seen through.
void store_end(const finalize_turn& t, finalize_answer answer, const std::string& report_path) {
  answer.report_path = report_path;
  auto& s = t->document().state;
  s.report_path = report_path;
  s.last_answer = answer;
  s.in_step = session_step::finalize;
  auto finish = [t, answer] {
    t->document().state.in_step = session_step::none;
    t->finish(answer);
  };
  t->mark([t, finish] {
    t->self()->send(t->state().roles.runner, release_session{t->document().session_id});
    t->ask_or(
        t->state().roles.keeper, remove_workspace{t->document().session_id}, git_timeout,
        [finish](const done&) { finish(); },
        [t, finish](const failure& why) {
          warn_unenforced(t->document(), "the removal of its work tree", why.text);
          finish();
        });
  });
}

void report(const finalize_turn& t, const finalize_answer& answer) {
  auto& d = t->document();
  json extra = json::object();
  if (!d.state.comparison.is_null()) extra["comparison"] = d.state.comparison;
  t->ask_or(
      t->state().roles.journal, write_report{progress_of(d, t->now()), d.settings, extra},
      store_timeout, [t, answer](const report_written& r) { store_end(t, answer, r.path); },
      [t, answer](const failure& why) {
        warn_unenforced(t->document(), "a report", why.text);
        store_end(t, answer, "");
      });
}

/// The row alone, for the report to find; that the session has ended is stored after the report.
void store_row(const finalize_turn& t, std::function<void()> then) {
  if (!t->effects.store_row && t->effects.rows.empty()) return then();
  write_step w;
  w.what.safety = durability::process;
  w.what.iterations = t->effects.rows;
  if (t->effects.store_row) w.what.iterations.push_back(t->document().current);
  t->ask(t->state().roles.journal, std::move(w), store_timeout, [then](const done&) { then(); });
}

/// The delta is told to peers off the critical path: here it only goes to the outbox.
void share(const finalize_turn& t, const std::string& reverted) {
  auto& d = t->document();
  auto next = [t, reverted] {
    auto answer = finish_finalize(t->document(), reverted, t->effects, t->now());
    store_row(t, [t, answer] { report(t, answer); });
  };
  t->ask_or(
      t->state().roles.broadcaster, share_delta{progress_of(d, t->now()), d.settings},
      store_timeout,
      [t, next](const delta_shared& shared) {
        auto& s = t->document().state;
        s.federation_export_enforced = shared.exported;
        s.federation_broadcast_enforced = shared.broadcast;
        next();
      },
      [t, next](const failure& why) {
        auto& s = t->document().state;
        s.federation_export_enforced = false;
        s.federation_broadcast_enforced = false;
        warn_unenforced(t->document(), "federation_export_enforced", why.text);
        next();
      });
}

/// What the search really gained, unless that is known of this commit; it costs the end nothing
/// when it fails.
void compare(const finalize_turn& t, bool wanted, const std::string& reverted) {
  auto& d = t->document();
  auto& s = d.state;
  if (!s.comparison.is_null() && s.comparison.value("head", s.head) != s.head)
    s.comparison = nullptr;
  if (!wanted || s.total_improvements == 0 || is_comparison_of(s.comparison, s.head))
    return share(t, reverted);
  auto take = [t, reverted](const comparison& c, const std::string& note) {
    auto& state = t->document().state;
    state.comparison = stored_comparison(c, state.head, note);
    share(t, reverted);
  };
  auto plan = plan_comparison(d.settings, progress_of(d, t->now()).elapsed_s, s.run_s,
                              compare_session{}.pairs);
  auto failed = [take](const std::string& why) {
    comparison none;
    none.error = why;
    take(none, "");
  };
  // Nobody who asks for the end expects the files under their editor to change.
  if (d.settings->workspace == workspace_kind::in_place)
    return failed("left out in place, where it would put the baseline's files into your tree");
  if (plan.pairs == 0) return failed("left out: " + plan.why_not);
  compare_with_base(
      t, plan.pairs, [take, plan](const comparison& c) { take(c, plan.why_not); },
      [failed](const failure& why) {
        failed(why.code == errc::cancelled ? "it was cancelled" : why.text);
      });
}

/// Which candidates nobody has decided on.
std::string undecided(const session_document& d) {
  auto iterations = d.state.round;
  if (d.state.next != session_step::edit && !current_is_beside(d))
    iterations.push_back(d.state.current);
  std::string text = iterations.size() > 1 ? "iterations " : "iteration ";
  for (std::size_t i = 0; i < iterations.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(iterations[i]);
  return text + (iterations.size() > 1 ? " were undecided" : " was undecided");
}

}  // namespace

caf::result<finalize_answer> take_finalize(session_self self, const finalize_session& m) {
  auto t = turn<finalize_answer>::begin(self);
  t->open([t, wanted = m.compare] {
    auto begun = begin_finalize(t->document(), t->now());
    if (!begun) return t->refuse(begun.error());
    if (begun->repeated) {
      t->promise().deliver(*begun->repeated);
      return t->close_quietly();
    }
    t->mark([t, wanted, revert = begun->revert] {
      if (!revert) return compare(t, wanted, "");
      stop_side_by_side(t->self(), [t, wanted] {
        auto& d = t->document();
        t->ask(t->state().roles.keeper, restore_workspace{d.session_id, d.state.head}, git_timeout,
               [t, wanted, said = undecided(d)](const done&) { compare(t, wanted, said); });
      });
    });
  });
  return t->promise();
}

caf::result<done> take_recovery(session_self self) {
  auto t = turn<done>::begin(self);
  if (!self->state.at_work) self->state.recovering = true;
  t->open([t] {
    t->close_quietly();  // first: who asked may end this process with the answer
    t->promise().deliver(done{});
  });
  return t->promise();
}

}  // namespace ratchet
