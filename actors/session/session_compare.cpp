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

caf::result<comparison> take_compare(session_self self, int pairs) {
  auto t = turn<comparison>::begin(self);
  t->open([t, pairs] {
    auto& d = t->document();
    if (d.state.next != session_step::edit)
      return t->refuse(fail(errc::wrong_step,
                            "the best code can be compared only between iterations; decide or "
                            "finalize first",
                            {{"expected", name_of(d.state.next)}}));
    compare_with_base(
        t, pairs,
        [t](const comparison& c) {
          auto& s = t->document().state;
          s.comparison = stored_comparison(c, s.head, "");
          t->finish(c);
        },
        [t](const failure& why) { t->refuse(why); });
  });
  return t->promise();
}

}  // namespace ratchet
