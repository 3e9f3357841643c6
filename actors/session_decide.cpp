// SPDX-License-Identifier: MIT
#include "actors/gate_worker.hpp"
#include "actors/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using decide_turn = std::shared_ptr<turn<decide_answer>>;

void revert(const decide_turn& t, std::string decision, std::string reason) {
  auto& d = t->document();
  t->ask(t->state().roles.keeper, restore_workspace{d.session_id, d.state.head}, git_timeout,
         [t, decision, reason](const done&) {
           t->finish(finish_reverted(t->document(), decision, reason, t->effects, t->now()));
         });
}

std::string why_not(const session_document& d) {
  const auto& r = d.current.result;
  if (!r) return "no result";
  if (r->error) return *r->error;
  if (!r->metric_value) return "no metric found";
  return "not better than the best";
}

std::string decision_of(const session_document& d) {
  return d.current.result ? decision_against(*d.current.result) : "reverted";
}

void kept(const decide_turn& t, const std::string& commit) {
  auto& d = t->document();
  t->kept_recipe = recipe_of(d, t->now());
  auto answer = finish_kept(d, commit, t->effects, t->now());
  t->kept_snapshot = snapshot_of(d, t->now());
  d.state.baseline_enforced = true;
  t->finish(std::move(answer));
}

void publish(const decide_turn& t) {
  auto& d = t->document();
  const auto intent = *d.state.intent;
  t->ask_or(
      t->state().roles.keeper, publish_commit{d.session_id, intent.commit, intent.parent},
      git_timeout, [t, intent](const done&) { kept(t, intent.commit); },
      [t](const failure& why) {
        t->document().state.intent.reset();
        revert(t, "commit_failed", why.text);
      });
}

void promote(const decide_turn& t) {
  auto& d = t->document();
  commit_candidate ask{d.session_id, d.current.candidate.tree, d.state.head, commit_message(d),
                       t->now()};
  t->ask_or(
      t->state().roles.keeper, std::move(ask), git_timeout,
      [t](const candidate_committed& made) {
        // From here on the promotion is seen through, also by another process after a crash.
        auto& s = t->document().state;
        s.intent = keep_intent{made.commit, s.head};
        t->mark([t] { publish(t); });
      },
      [t](const failure& why) { revert(t, "commit_failed", why.text); });
}

void judge(const decide_turn& t) {
  auto& d = t->document();
  judge_candidate ask{d.session_id, d.settings, d.current.candidate, *d.current.result,
                      d.state.directory};
  const auto patience = gates_patience(d.settings);
  t->ask(t->state().roles.gates, std::move(ask), patience, [t](const judgement& j) {
    auto refusal = take_judgement(t->document(), j, t->effects, t->now());
    if (j.allowed()) return promote(t);
    revert(t, "rejected_by_gate", refusal);
  });
}

}  // namespace

caf::result<decide_answer> take_decide(session_self self) {
  auto t = turn<decide_answer>::begin(self);
  t->open([t] {
    auto begun = begin_decide(t->document(), t->now());
    if (!begun) return t->refuse(begun.error());
    if (begun->repeated) {
      t->promise().deliver(*begun->repeated);
      return t->close_quietly();
    }
    t->mark([t, needed = begun->needed] {
      switch (needed) {
        case verdict_needed::revert:
          return revert(t, decision_of(t->document()), why_not(t->document()));
        case verdict_needed::judge:
          return judge(t);
        case verdict_needed::publish:
          return publish(t);
      }
    });
  });
  return t->promise();
}

}  // namespace ratchet
