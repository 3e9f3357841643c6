// SPDX-License-Identifier: MIT
//
// The session's base commit against its best one: asked for by a caller between two iterations, or
// a part of finalize.
#include "actors/logic/final_comparison.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

void compare_with_base(const std::shared_ptr<turn_base>& t, int pairs,
                       std::function<void(const comparison&)> go,
                       std::function<void(const failure&)> otherwise) {
  const auto& d = t->document();
  compare_commits measure{d.session_id,        d.settings,   d.state.directory,
                          d.state.base_commit, d.state.head, pairs};
  auto restore = [t, otherwise](std::function<void()> then) {
    t->ask_or(
        t->state().roles.keeper,
        restore_workspace{t->document().session_id, t->document().state.head}, git_timeout,
        [then](const done&) { then(); }, otherwise);
  };
  t->ask_or(
      t->state().roles.runner, std::move(measure), longest_step,
      [restore, go](const comparison& c) { restore([go, c] { go(c); }); },
      [restore, otherwise](const failure& why) { restore([otherwise, why] { otherwise(why); }); });
}

namespace {

/// As many pairs as were asked for; where that was left open, as many as finalize would make.
comparison_plan plan_of(const session_document& d, int pairs, std::int64_t now_ms) {
  if (pairs > 0) return {pairs, ""};
  return plan_comparison(d.settings, progress_of(d, now_ms).elapsed_s, d.state.run_s,
                         compare_session{}.pairs);
}

}  // namespace

caf::result<comparison> take_compare(session_self self, int pairs) {
  auto t = turn<comparison>::begin(self);
  t->open([t, pairs] {
    auto& d = t->document();
    if (d.state.next != session_step::edit)
      return t->refuse(fail(errc::wrong_step,
                            "the best code can be compared only between iterations; decide or "
                            "finalize first",
                            {{"expected", name_of(d.state.next)}}));
    const auto plan = plan_of(d, pairs, t->now());
    auto take = [t, note = plan.why_not](const comparison& c) {
      auto& s = t->document().state;
      s.comparison = stored_comparison(c, s.head, note);
      t->finish(c);
    };
    if (plan.pairs == 0) {
      comparison none;
      none.error = "left out: " + plan.why_not;
      return take(none);
    }
    compare_with_base(t, plan.pairs, take, [t](const failure& why) { t->refuse(why); });
  });
  return t->promise();
}

}  // namespace ratchet
