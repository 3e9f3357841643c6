// SPDX-License-Identifier: MIT
//
// Edit: the step that leads to a candidate, or to why there is none.
#include "actors/logic/lessons.hpp"
#include "actors/logic/session_step_rules.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

edit_answer paused_answer(session_document& d) {
  edit_answer answer;
  answer.paused = true;
  answer.reason = "the user has paused this session";
  answer.instruction =
      "Nothing was changed. Wait until the user lets it go on (ratchet run --resume " +
      d.session_id + ", or ratchet pause " + d.session_id + " --off), then call " +
      "autoresearch_edit again; or call autoresearch_finalize to end it.";
  answered(d.state, session_step::edit, session_step::edit, answer);
  return answer;
}

edit_answer exhausted(session_document& d, const std::string& reason, step_effects& effects,
                      std::int64_t now_ms) {
  auto& s = d.state;
  drop_round(d, "not waited for: " + reason, effects, now_ms);
  bool first = s.status != session_status::budget_exhausted;
  s.status = session_status::budget_exhausted;
  edit_answer answer;
  answer.budget_exhausted = true;
  answer.reason = reason;
  answer.spark_consumed = s.spark_consumed;
  answer.spark_budget = d.settings->spark_budget;
  answer.instruction =
      "Budget exhausted (" + reason + "). Call autoresearch_finalize to write the report.";
  answered(s, session_step::edit, session_step::edit, answer);
  if (first) tell(d, effects, budget_spent{.reason = reason}, now_ms);
  return answer;
}

/// No other candidate is proposed, and the ones at work are waited for.
edit_answer awaiting_others(session_document& d, const std::string& why) {
  d.current = d.round.front();
  d.state.current = d.current.iteration;
  edit_answer answer;
  answer.success = true;
  answer.iteration = d.current.iteration;
  answer.hypothesis = d.current.candidate.hypothesis;
  answer.files_changed = d.current.candidate.files_changed;
  answer.reason = "no further candidate was proposed (" + why + ")";
  answer.instruction = std::to_string(d.round.size()) +
                       " candidates are still at work. Call autoresearch_run to wait for the next.";
  answered(d.state, session_step::edit, session_step::run, answer);
  return answer;
}

}  // namespace

expected<std::optional<edit_answer>> begin_edit(session_document& d, step_effects& effects,
                                                std::int64_t now_ms) {
  if (auto ok = check_step(d, session_step::edit); !ok) return ok.error();
  std::string reason = spent_budget(d, now_ms);
  if ((d.state.paused || !reason.empty()) && awaits_others(d, now_ms))
    return std::optional(awaiting_others(d, d.state.paused ? "the session is paused" : reason));
  if (d.state.paused) return std::optional(paused_answer(d));
  if (!reason.empty()) return std::optional(exhausted(d, reason, effects, now_ms));
  mark(d.state, session_step::edit, now_ms);
  return std::optional<edit_answer>{};
}

void charge_usage(session_document& d, const edit_usage& usage) { add_usage(d.state.usage, usage); }

namespace {

/// The next iteration's row: a candidate that awaits its run, or an edit that failed.
iteration_record take_outcome(session_document& d, const edit_outcome& outcome,
                              step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  if (outcome.usage) charge_usage(d, *outcome.usage);
  // A lesson is of the results up to here.
  learn(s.lessons, outcome.lesson, s.iteration);
  ++s.iteration;
  if (!outcome.backend_state.is_null()) s.backend_state = outcome.backend_state;
  iteration_record row;
  row.session_id = d.session_id;
  row.iteration = s.iteration;
  row.time = rfc3339(now_ms);
  if (outcome.applied) row.candidate = *outcome.applied;
  row.candidate.usage = outcome.usage;
  row.candidate.arm = outcome.arm;
  if (!outcome.applied) {
    row.decision = "edit_failed";
    row.reason = outcome.reason;
    return row;
  }
  row.candidate.iteration = s.iteration;
  const auto& c = row.candidate;
  tell(d, effects,
       candidate_edited{.iteration = s.iteration,
                        .hypothesis = c.hypothesis,
                        .files_changed = c.files_changed,
                        .usage = c.usage},
       now_ms);
  return row;
}

/// What comes after an edit that changed nothing: `next`, as long as the budgets allow it.
std::string after_nothing(const session_document& d, const std::string& next, std::int64_t now_ms) {
  const std::string spent = spent_budget(d, now_ms);
  if (spent.empty()) return next;
  return "Nothing was changed and the budget is spent (" + spent +
         "). Call autoresearch_finalize to write the report.";
}

/// The candidate that the answer and the next steps speak of.
edit_answer answer_edit(session_document& d, edit_answer answer, std::int64_t now_ms) {
  auto& s = d.state;
  const auto& row = d.current;
  s.current = row.iteration;
  answer.iteration = row.iteration;
  answer.success = row.decision.empty();
  if (!*answer.success) {
    answer.reason = row.reason;
    answer.instruction = after_nothing(
        d, "Nothing was changed. Call autoresearch_edit again with another idea.", now_ms);
    answered(s, session_step::edit, session_step::edit, answer);
    return answer;
  }
  answer.hypothesis = row.candidate.hypothesis;
  answer.files_changed = row.candidate.files_changed;
  answer.instruction =
      s.round.size() > 1
          ? std::to_string(s.round.size()) +
                " candidates await their run or are at it. Call autoresearch_run: it answers as "
                "soon as one is measured, and the others go on."
          : "Edit applied. Call autoresearch_run to measure it.";
  answered(s, session_step::edit, session_step::run, answer);
  return answer;
}

}  // namespace

namespace {

/// Asking again gives the same: that is no iteration, and told apart.
edit_answer will_never_work(session_document& d, const edit_outcome& outcome) {
  auto& s = d.state;
  if (outcome.usage) charge_usage(d, *outcome.usage);
  if (!outcome.backend_state.is_null()) s.backend_state = outcome.backend_state;
  edit_answer answer;
  answer.success = false;
  answer.permanent = true;
  answer.iteration = s.iteration;
  answer.reason = outcome.reason;
  answer.usage = outcome.usage;
  answer.instruction =
      "Nothing was changed, and asking the edit backend again will end the same way. Mend the "
      "cause "
      "named in reason in a new session, give the edit yourself (edits, diff or content), or call "
      "autoresearch_finalize.";
  answered(s, session_step::edit, session_step::edit, answer);
  return answer;
}

}  // namespace

namespace {

/// From the third edit in a row that does not apply on, each is an iteration: whoever cannot write
/// one comes to an end, and a slip is free.
constexpr int free_slips = 2;

edit_answer slipped(session_document& d, const edit_outcome& outcome, std::int64_t now_ms) {
  auto& s = d.state;
  if (outcome.usage) charge_usage(d, *outcome.usage);
  if (!outcome.backend_state.is_null()) s.backend_state = outcome.backend_state;
  edit_answer answer;
  answer.success = false;
  answer.iteration = s.iteration;
  answer.reason = outcome.reason;
  answer.usage = outcome.usage;
  answer.instruction = after_nothing(
      d,
      "Nothing was changed, and no iteration was spent. Call autoresearch_edit again with what "
      "reason says mended, or with another idea" +
          std::string(s.unapplied == free_slips
                          ? "; another that does not apply would be an iteration."
                          : "."),
      now_ms);
  answered(s, session_step::edit, session_step::edit, answer);
  return answer;
}

}  // namespace

edit_answer finish_edit(session_document& d, const edit_outcome& outcome, step_effects& effects,
                        std::int64_t now_ms) {
  if (!outcome.exhausted.empty()) {
    if (outcome.usage) charge_usage(d, *outcome.usage);
    return exhausted(d, outcome.exhausted, effects, now_ms);
  }
  if (!outcome.applied && outcome.permanent) return will_never_work(d, outcome);
  d.state.unapplied = outcome.applied ? 0 : d.state.unapplied + 1;
  d.state.unapplied_reason = outcome.applied ? "" : one_line(valid_utf8(outcome.reason), 2'000);
  if (!outcome.applied && d.state.unapplied <= free_slips) return slipped(d, outcome, now_ms);
  clear_candidate(d.state);
  d.current = take_outcome(d, outcome, effects, now_ms);
  d.state.unpaid = outcome.applied ? 1 : 0;
  effects.store_row = true;
  edit_answer answer;
  answer.usage = outcome.usage;
  return answer_edit(d, std::move(answer), now_ms);
}

bool is_parallel(const session_document& d) {
  return d.settings->hive_parallel && d.settings->num_variants > 1;
}

bool is_beside(const session_document& d, int iteration) {
  const auto& round = d.state.round;
  return std::find(round.begin(), round.end(), iteration) != round.end();
}

int free_places(const session_document& d) {
  const auto& limits = *d.settings;
  if (!is_parallel(d)) return 1;
  int free = std::min(limits.num_variants - static_cast<int>(d.round.size()),
                      limits.max_iterations - d.state.iteration);
  if (limits.spark_per_iteration > 0)
    free =
        std::min(free, (limits.spark_budget - d.state.spark_consumed) / limits.spark_per_iteration);
  return std::max(free, 1);
}

edit_answer finish_edit_round(session_document& d, const variants_outcome& outcome,
                              step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  clear_candidate(s);
  edit_answer answer;
  const auto& all = outcome.outcomes;
  const bool none_ever = !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& one) {
    return !one.applied && one.permanent;
  });
  if (none_ever) {
    for (std::size_t i = 1; i < all.size(); ++i)
      if (all[i].usage) charge_usage(d, *all[i].usage);
    auto never = will_never_work(d, all.front());
    return d.round.empty() ? never : awaiting_others(d, never.reason);
  }
  std::string spent;
  std::optional<iteration_record> first, failed;
  for (const auto& one : outcome.outcomes) {
    if (!one.exhausted.empty()) {
      if (one.usage) charge_usage(d, *one.usage);
      spent = one.exhausted;
      break;
    }
    auto row = take_outcome(d, one, effects, now_ms);
    const auto& c = row.candidate;
    answer.variants.push_back(
        {row.iteration, row.decision.empty(), c.hypothesis, c.files_changed, row.reason});
    effects.rows.push_back(row);
    auto& told = row.decision.empty() ? first : failed;
    if (!told) told = row;
    if (!row.decision.empty()) continue;
    ++s.unpaid;
    s.round.push_back(row.iteration);
    d.round.push_back(std::move(row));
  }
  if (answer.variants.empty())
    return d.round.empty() ? exhausted(d, spent, effects, now_ms) : awaiting_others(d, spent);
  if (!first && d.round.empty())
    d.current = *failed;
  else
    d.current = first ? *first : d.round.front();
  return answer_edit(d, std::move(answer), now_ms);
}

}  // namespace ratchet
