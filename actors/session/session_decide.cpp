// SPDX-License-Identifier: MIT
#include "actors/logic/text.hpp"
#include "actors/session/session_turn.hpp"
#include "actors/work/gate_worker.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// A candidate on its way to its verdict, in whichever step's turn.
struct verdict_turn {
  std::shared_ptr<turn_base> t;
  std::function<void(const decide_answer&)> finish;
};

void revert(const verdict_turn& v, const std::string& decision, const std::string& reason) {
  auto& d = v.t->document();
  v.t->ask(v.t->state().roles.keeper, restore_workspace{d.session_id, d.state.head}, git_timeout,
           [v, decision, reason](const done&) {
             auto& t = *v.t;
             v.finish(finish_reverted(t.document(), decision, reason, t.effects, t.now()));
           });
}

std::string why_not(const session_document& d) {
  const auto& r = d.current.result;
  if (!r) return "no result";
  if (r->error) return *r->error;
  if (!r->metric_value) return "no metric found";
  if (!r->reason.empty()) return r->reason;
  return "not better than the best" +
         (d.state.best_metric ? " " + shortest(*d.state.best_metric) : std::string());
}

std::string decision_of(const session_document& d) {
  return d.current.result ? decision_against(*d.current.result) : "reverted";
}

void kept(const verdict_turn& v, const std::string& commit) {
  auto& t = *v.t;
  auto& d = t.document();
  if (!is_pruning(d.current)) t.kept_recipe = recipe_of(d, t.now());
  auto answer = finish_kept(d, commit, t.effects, t.now());
  t.kept_snapshot = snapshot_of(d, t.now());
  d.state.baseline_enforced = true;
  v.finish(answer);
}

void publish(const verdict_turn& v) {
  auto& d = v.t->document();
  const auto intent = *d.state.intent;
  v.t->ask_or(
      v.t->state().roles.keeper, publish_commit{d.session_id, intent.commit, intent.parent},
      git_timeout, [v, intent](const done&) { kept(v, intent.commit); },
      [v](const failure& why) {
        v.t->document().state.intent.reset();
        revert(v, "commit_failed", why.text);
      });
}

void promote(const verdict_turn& v) {
  auto& d = v.t->document();
  commit_candidate ask{d.session_id, d.current.candidate.tree, d.state.head, commit_message(d),
                       v.t->now()};
  v.t->ask_or(
      v.t->state().roles.keeper, std::move(ask), git_timeout,
      [v](const candidate_committed& made) {
        // From here on the promotion is seen through, also by another process after a crash.
        auto& s = v.t->document().state;
        s.intent = keep_intent{made.commit, s.head};
        v.t->mark([v] { publish(v); });
      },
      [v](const failure& why) { revert(v, "commit_failed", why.text); });
}

void judge(const verdict_turn& v) {
  auto& d = v.t->document();
  judge_candidate ask{d.session_id, d.settings, d.current.candidate, *d.current.result,
                      d.state.directory};
  const auto patience = gates_patience(d.settings);
  v.t->ask(v.t->state().roles.gates, std::move(ask), patience, [v](const judgement& j) {
    auto& t = *v.t;
    auto refusal = take_judgement(t.document(), j, t.effects, t.now());
    if (j.allowed()) return promote(v);
    revert(v, "rejected_by_gate", refusal);
  });
}

/// Nobody waits for those side by side at the end of the search. While they are at work a decision
/// against a candidate is synced with the next one for, as the edits and runs are.
void end(const std::shared_ptr<turn<decide_answer>>& t, const decide_answer& answer) {
  if (!answer.should_continue) stop_side_by_side(t->self(), [] {});
  const bool others = !t->document().round.empty();
  t->finish(answer, others && answer.decision != "kept" ? durability::process : durability::power);
}

}  // namespace

void judge_and_keep(const std::shared_ptr<turn_base>& t,
                    std::function<void(const decide_answer&)> finish) {
  judge({t, std::move(finish)});
}

caf::result<decide_answer> take_decide(session_self self) {
  auto t = turn<decide_answer>::begin(self);
  t->open([t] {
    auto begun = begin_decide(t->document(), t->now());
    if (!begun) return t->refuse(begun.error());
    if (begun->repeated) {
      t->promise().deliver(*begun->repeated);
      return t->close_quietly();
    }
    auto go = [t, needed = begun->needed] {
      verdict_turn v{t, [t](const decide_answer& answer) { end(t, answer); }};
      switch (needed) {
        case verdict_needed::revert:
          return revert(v, decision_of(t->document()), why_not(t->document()));
        case verdict_needed::judge:
          return judge(v);
        case verdict_needed::publish:
          return publish(v);
      }
    };
    // Cut off before a promotion is under way it starts over, whether it was marked or not: the
    // mark is for who looks on while commands of gates are at work.
    if (t->document().settings->gates.empty()) return go();
    t->mark(go);
  });
  return t->promise();
}

}  // namespace ratchet
