// SPDX-License-Identifier: MIT
//
// Decide and finalize: what becomes of a candidate, and of the session.
#include <cmath>

#include "actors/logic/best_record.hpp"
#include "actors/logic/doubts.hpp"
#include "actors/logic/final_comparison.hpp"
#include "actors/logic/gate_command.hpp"
#include "actors/logic/session_step_rules.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Their reasons may differ from time to time; the session's state stays small.
constexpr std::size_t most_not_enforced = 32;

}  // namespace

// -- decide --------------------------------------------------------------------------------------

expected<decide_begun> begin_decide(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (s.next == session_step::edit && s.last_step == session_step::decide)
    return decide_begun{verdict_needed::revert, repeat<decide_answer>(s)};
  if (auto ok = check_step(d, session_step::decide); !ok) return ok.error();
  mark(s, session_step::decide, now_ms);
  d.not_enforced.clear();
  if (s.intent) return decide_begun{verdict_needed::publish, {}};
  bool improved = d.current.result && d.current.result->improved && !d.current.result->error;
  return decide_begun{improved ? verdict_needed::judge : verdict_needed::revert, {}};
}

std::string take_judgement(session_document& d, const judgement& j, step_effects& effects,
                           std::int64_t now_ms) {
  auto& s = d.state;
  std::string refusal;
  d.not_enforced = not_enforced(j);
  for (const auto& gate : d.not_enforced)
    if (std::find(s.not_enforced.begin(), s.not_enforced.end(), gate) == s.not_enforced.end() &&
        s.not_enforced.size() < most_not_enforced)
      s.not_enforced.push_back(gate);
  for (const auto& v : j.verdicts) {
    bool constitutional = v.gate == "constitutional";
    bool baseline_delta = v.gate == "baseline_delta";
    if (constitutional) s.constitutional_enforced = v.enforced;
    if (baseline_delta) s.baseline_delta_enforced = v.enforced;
    if (v.allowed) continue;
    if (constitutional) ++s.constitutional_rejections;
    if (baseline_delta) ++s.baseline_rejections;
    std::string label = baseline_delta ? "baseline_regression" : v.gate;
    s.last_rejection_reason = label + ": " + v.reason;
    refusal = s.last_rejection_reason;
    // A single line of output is the reason already.
    if (v.output_tail.find('\n') != std::string::npos) refusal += "\n" + v.output_tail;
    tell(d, effects,
         candidate_rejected{.iteration = d.current.iteration,
                            .gate = v.gate,
                            .reason = v.reason,
                            .regressions = v.regressions,
                            .output_tail = v.output_tail},
         now_ms);
  }
  return refusal;
}

namespace {

std::string session_trailers(const session_document& d) {
  std::string text = "\nRatchet-Session: " + d.session_id + "\n";
  if (!d.settings->experiment_id.empty())
    text += "Ratchet-Experiment: " + d.settings->experiment_id + "\n";
  return text;
}

/// What the candidate was better than: the best code as it measured beside it, if it did.
std::optional<double> beaten(const session_document& d) {
  const auto& r = d.current.result;
  return r && r->incumbent_median ? r->incumbent_median : d.state.best_metric;
}

}  // namespace

std::string commit_message(const session_document& d) {
  const auto& r = d.current.result;
  auto value = [](const std::optional<double>& v) { return v ? shortest(*v) : "none"; };
  std::string message;
  if (is_pruning(d.current)) {
    message = "autoresearch prune: what brought nothing is taken back\n";
    message += "\n" + d.state.pruned + "\n";
    return message + session_trailers(d);
  }
  message = "autoresearch iter " + std::to_string(d.current.iteration) + ": " +
            one_line(d.settings->metric_name, 128) + "=" +
            value(r ? r->metric_value : std::nullopt) + " (was " + value(beaten(d)) + ")\n";
  if (!d.current.candidate.hypothesis.empty())
    message += "\n" + one_line(d.current.candidate.hypothesis) + "\n";
  return message + session_trailers(d);
}

namespace {

decide_answer finish_decide(session_document& d, const std::string& decision,
                            const std::string& reason, const std::string& commit,
                            step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  d.current.decision = decision;
  d.current.reason = reason;
  d.current.commit = commit;
  d.current.time = rfc3339(now_ms);
  effects.store_row = true;
  clear_candidate(s);
  decide_answer answer;
  answer.decision = decision;
  answer.iteration = d.current.iteration;
  answer.best_metric = s.best_metric;
  answer.best_iteration = s.best_iteration;
  answer.total_improvements = s.total_improvements;
  answer.spark_consumed = s.spark_consumed;
  answer.should_continue = may_continue(d, now_ms);
  if (!answer.should_continue) answer.ended_by = spent_budget(d, now_ms);
  if (!answer.should_continue) drop_round(d, "not waited for: " + answer.ended_by, effects, now_ms);
  answer.commit = commit;
  answer.reason = reason;
  answer.not_enforced = std::exchange(d.not_enforced, {});
  answer.instruction = answer.should_continue
                           ? std::string(edit_next)
                           : "Done iterating" +
                                 (answer.ended_by.empty() ? "" : " (" + answer.ended_by + ")") +
                                 ". Call autoresearch_finalize to write the report.";
  answered(s, session_step::decide, session_step::edit, answer);
  return answer;
}

}  // namespace

decide_answer finish_kept(session_document& d, std::string commit, step_effects& effects,
                          std::int64_t now_ms) {
  auto& s = d.state;
  const auto was = beaten(d);
  if (!s.best_metric && d.current.result) {  // the baseline had no metric: this is the first
    s.metric_source = d.current.result->metric_source;
    s.metric_unit = d.current.result->metric_unit;
    s.guard_units = d.current.result->guard_units;
  }
  renew_record(s, d.current.result.value_or(run_result{}));
  s.best_iteration = d.current.iteration;
  if (d.current.result) s.guard_values = d.current.result->guards;
  if (!is_pruning(d.current)) ++s.total_improvements;
  s.head = commit;
  s.since_keep = 0;
  // What other machines measured was the incumbent until now.
  s.class_best.clear();
  if (d.current.result && !d.current.result->machine.empty())
    s.home_class = d.current.result->machine;
  std::vector<std::string> doubts;
  if (s.best_metric && !is_pruning(d.current))
    doubts = doubts_of_gain(d.settings, s.metric_unit, s.baseline_metric, *s.best_metric,
                            d.current.candidate.diff);
  for (auto& doubt : doubts)
    doubt = "iteration " + std::to_string(d.current.iteration) + ": " + doubt;
  add_doubts(s.warnings, doubts);
  auto answer = finish_decide(d, "kept", "", commit, effects, now_ms);
  if (!doubts.empty()) {
    answer.warnings.insert(answer.warnings.end(), doubts.begin(), doubts.end());
    s.last_answer = answer;
  }
  tell(d, effects,
       candidate_promoted{.iteration = d.current.iteration,
                          .metric_value = s.best_metric,
                          .baseline_value = was,
                          .commit = commit},
       now_ms);
  return answer;
}

std::string decision_against(const run_result& result) {
  return result.failed_at.empty() ? "reverted" : result.failed_at + "_failed";
}

decide_answer finish_reverted(session_document& d, std::string decision, std::string reason,
                              step_effects& effects, std::int64_t now_ms) {
  if (is_pruning(d.current)) d.state.pruned.clear();
  auto answer = finish_decide(d, decision, reason, "", effects, now_ms);
  tell(d, effects,
       candidate_reverted{.iteration = d.current.iteration, .reason = first_line(reason)}, now_ms);
  return answer;
}

// -- prune ---------------------------------------------------------------------------------------

bool is_pruning(const iteration_record& row) { return row.candidate.backend == "prune"; }

expected<std::string> begin_prune(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (auto ok = check_step(d, session_step::edit); !ok) return ok.error();
  if (!s.round.empty()) return std::string("candidates are still at work");
  if (s.total_improvements == 0) return std::string("nothing was kept");
  if (!s.pruned.empty() || is_pruning(d.current)) return std::string("that was done before");
  if (d.settings->workspace == workspace_kind::in_place)
    return std::string("not done in place, in the tree that you work in");
  mark(s, session_step::edit, now_ms);
  return std::string();
}

void take_pruned(session_document& d, const tree_drafted& without, const json& changes,
                 const std::vector<std::string>& taken_back, const run_result& result,
                 step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  clear_candidate(s);
  iteration_record row;
  row.session_id = d.session_id;
  row.iteration = ++s.iteration;
  row.time = rfc3339(now_ms);
  auto& c = row.candidate;
  c.iteration = row.iteration;
  s.pruned = "taken back, as it brought nothing:";
  for (std::size_t i = 0; i < taken_back.size(); ++i)
    s.pruned += (i > 0 ? "; " : " ") + one_line(taken_back[i], 300);
  c.hypothesis = one_line(s.pruned);
  c.files_changed = without.files_changed;
  c.tree = without.tree;
  c.parent = s.head;
  c.diff = without.diff;
  c.backend = "prune";
  c.changes = changes;
  row.result = result;
  row.result->iteration = row.iteration;
  row.result->best_metric = s.best_metric;
  row.result->improved = true;  // what is left is as good: it is kept, if the gates allow
  d.current = std::move(row);
  s.current = d.current.iteration;
  s.next = session_step::decide;
  s.in_step = session_step::decide;
  effects.store_row = true;
}

// -- finalize ------------------------------------------------------------------------------------

expected<finalize_begun> begin_finalize(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (s.next == session_step::none) return finalize_begun{false, repeat<finalize_answer>(s)};
  if (s.next == session_step::setup)
    return fail(errc::wrong_step, "session " + d.session_id + " has no baseline yet",
                {{"expected", "autoresearch_setup"}});
  mark(s, session_step::finalize, now_ms);
  const bool candidate = s.next == session_step::run || s.next == session_step::decide;
  return finalize_begun{candidate || !s.round.empty(), {}};
}

finalize_answer finish_finalize(session_document& d, const std::string& reverted,
                                step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  if (!reverted.empty()) {
    const std::string reason = "undecided at finalize";
    if ((s.next == session_step::run || s.next == session_step::decide) && !current_is_beside(d)) {
      auto& row = d.current;
      row.decision = "reverted";
      row.reason = reason;
      row.time = rfc3339(now_ms);
      tell(d, effects, candidate_reverted{.iteration = row.iteration, .reason = reason}, now_ms);
      effects.store_row = true;
    }
    drop_round(d, reason, effects, now_ms);
    clear_candidate(s);
  }
  if (s.status == session_status::running) s.status = session_status::completed;
  if (s.ended_ms == 0) s.ended_ms = now_ms;
  finalize_answer answer;
  answer.status = s.status;
  answer.session_id = d.session_id;
  answer.baseline_metric = s.baseline_metric;
  answer.best_metric = s.best_metric;
  answer.best_iteration = s.best_iteration;
  answer.total_improvements = s.total_improvements;
  answer.total_iterations = s.iteration;
  answer.spark_consumed = s.spark_consumed;
  answer.usage = s.usage;
  answer.elapsed_s = std::round(elapsed_s(s, now_ms) * 10) / 10;
  answer.branch = s.total_improvements > 0 ? s.branch : "";
  answer.report_path = s.report_path;
  answer.reverted = reverted;
  answer.comparison = s.comparison;
  answer.pruned = s.pruned;
  answer.not_enforced = s.not_enforced;
  answer.warnings = s.warnings;
  answered(s, session_step::finalize, session_step::none, answer);
  tell(d, effects, session_completed{progress_of(d, now_ms), {}, {}}, now_ms);
  return answer;
}

}  // namespace ratchet
