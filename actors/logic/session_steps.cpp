// SPDX-License-Identifier: MIT
//
// Setup, edit and run: the steps that lead to a measured candidate.
#include <cmath>

#include "actors/logic/best_record.hpp"
#include "actors/logic/session_step_rules.hpp"
#include "actors/logic/tournament.hpp"

namespace ratchet {

// -- setup ---------------------------------------------------------------------------------------

void begin_setup(session_document& d, std::int64_t now_ms) {
  d.created_ms = now_ms;
  d.state.started_ms = now_ms;
  d.current.session_id = d.session_id;
  mark(d.state, session_step::setup, now_ms);
}

void workspace_ready(session_document& d, const workspace_opened& w) {
  d.state.directory = w.directory;
  d.state.base_commit = w.base_commit;
  d.state.head = w.base_commit;
  d.state.branch = w.branch;
  d.current.candidate.tree = w.base_tree;
  d.current.candidate.parent = w.base_commit;
  d.current.candidate.hypothesis = "baseline";
}

expected<session_opened> finish_setup(session_document& d, const run_result& baseline,
                                      step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  d.current.decision = "baseline";
  d.current.time = rfc3339(now_ms);
  d.current.result = baseline;
  effects.store_row = true;
  bool missing = !baseline.metric_value && !baseline.error;
  if (baseline.error || (missing && !d.settings.allow_missing_baseline)) {
    std::string why = baseline.error ? *baseline.error
                                     : "the command printed no value for metric \"" +
                                           d.settings.metric_name + "\"; print a line such as \"" +
                                           d.settings.metric_name + ": 1.5\" or set metric_pattern";
    return fail_setup(d, fail(errc::baseline_failed, "Baseline failed: " + why), effects, now_ms);
  }
  s.status = session_status::running;
  begin_record(s, baseline, d.settings);
  s.home_class = baseline.machine;
  session_opened answer;
  answer.session_id = d.session_id;
  answer.baseline_metric = baseline.metric_value;
  answer.metric_name = d.settings.metric_name;
  answer.metric_direction = d.settings.metric_direction;
  answer.max_iterations = d.settings.max_iterations;
  answer.metric_source = baseline.metric_source;
  answer.noise = s.noise;
  answer.warnings = s.warnings;
  answer.workspace = s.directory;
  answer.branch = s.branch;
  answer.instruction =
      "Baseline captured. Call autoresearch_edit to propose a change, then autoresearch_run to "
      "measure it, then autoresearch_decide to keep or revert it. Repeat until should_continue is "
      "false, then call autoresearch_finalize.";
  answered(s, session_step::setup, session_step::edit, answer);
  effects.events.push_back(make_event(d, "started", json::object(), now_ms));
  effects.events.push_back(
      make_event(d, "baseline", {{"baseline", json(baseline.metric_value)}}, now_ms));
  return answer;
}

failure fail_setup(session_document& d, const failure& why, step_effects& effects,
                   std::int64_t now_ms) {
  auto& s = d.state;
  s.status = session_status::failed;
  s.in_step = session_step::none;
  s.next = session_step::finalize;
  s.ended_ms = now_ms;
  failure told = why;
  if (!told.details.is_object()) told.details = json::object();
  told.details["session_id"] = d.session_id;
  s.last_step = session_step::setup;
  s.last_answer = {{"error", told.text}, {"code", name_of(told.code)}};
  effects.events.push_back(make_event(d, "failed", {{"error", told.text}}, now_ms));
  return told;
}

// -- edit ----------------------------------------------------------------------------------------

namespace {

edit_answer exhausted(session_document& d, const std::string& reason, step_effects& effects,
                      std::int64_t now_ms) {
  auto& s = d.state;
  bool first = s.status != session_status::budget_exhausted;
  s.status = session_status::budget_exhausted;
  edit_answer answer;
  answer.budget_exhausted = true;
  answer.reason = reason;
  answer.spark_consumed = s.spark_consumed;
  answer.spark_budget = d.settings.spark_budget;
  answer.instruction = "Budget exhausted. Call autoresearch_finalize to write the report.";
  answered(s, session_step::edit, session_step::edit, answer);
  if (first)
    effects.events.push_back(make_event(d, "budget_exhausted", {{"reason", reason}}, now_ms));
  return answer;
}

}  // namespace

expected<std::optional<edit_answer>> begin_edit(session_document& d, step_effects& effects,
                                                std::int64_t now_ms) {
  if (auto ok = check_step(d, session_step::edit); !ok) return ok.error();
  std::string reason = spent_budget(d, now_ms);
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
  ++s.iteration;
  if (!outcome.backend_state.is_null()) s.backend_state = outcome.backend_state;
  iteration_record row;
  row.session_id = d.session_id;
  row.iteration = s.iteration;
  row.time = rfc3339(now_ms);
  if (outcome.applied) row.candidate = *outcome.applied;
  row.candidate.usage = outcome.usage;
  if (!outcome.applied) {
    row.decision = "edit_failed";
    row.reason = outcome.reason;
    return row;
  }
  row.candidate.iteration = s.iteration;
  const auto& c = row.candidate;
  json payload{
      {"iteration", s.iteration}, {"hypothesis", c.hypothesis}, {"files_changed", c.files_changed}};
  if (c.usage) payload["usage"] = *c.usage;
  effects.events.push_back(make_event(d, "edited", std::move(payload), now_ms));
  return row;
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
    answer.instruction =
        may_continue(d, now_ms)
            ? "Nothing was changed. Call autoresearch_edit again with another idea."
            : "Nothing was changed and the budget is spent. Call "
              "autoresearch_finalize to write the report.";
    answered(s, session_step::edit, session_step::edit, answer);
    return answer;
  }
  answer.hypothesis = row.candidate.hypothesis;
  answer.files_changed = row.candidate.files_changed;
  answer.instruction =
      s.round.size() > 1
          ? std::to_string(s.round.size()) +
                " candidates await their run. Call autoresearch_run to measure them side by side."
          : "Edit applied. Call autoresearch_run to measure it.";
  answered(s, session_step::edit, session_step::run, answer);
  return answer;
}

}  // namespace

edit_answer finish_edit(session_document& d, const edit_outcome& outcome, step_effects& effects,
                        std::int64_t now_ms) {
  if (!outcome.exhausted.empty()) {
    if (outcome.usage) charge_usage(d, *outcome.usage);
    return exhausted(d, outcome.exhausted, effects, now_ms);
  }
  clear_candidate(d.state);
  end_round(d);
  d.current = take_outcome(d, outcome, effects, now_ms);
  effects.store_row = true;
  edit_answer answer;
  answer.usage = outcome.usage;
  return answer_edit(d, std::move(answer), now_ms);
}

int round_size(const session_document& d) {
  const auto& limits = d.settings;
  if (!limits.hive_parallel) return 1;
  int size = std::min(limits.num_variants, limits.max_iterations - d.state.iteration);
  if (limits.spark_per_iteration > 0)
    size =
        std::min(size, (limits.spark_budget - d.state.spark_consumed) / limits.spark_per_iteration);
  return std::max(size, 1);
}

edit_answer finish_edit_round(session_document& d, const variants_outcome& outcome,
                              step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  clear_candidate(s);
  end_round(d);
  edit_answer answer;
  std::string spent;
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
    if (row.decision.empty()) {
      s.round.push_back(row.iteration);
      d.round.push_back(std::move(row));
    } else if (d.round.empty()) {
      d.current = std::move(row);
    }
  }
  if (answer.variants.empty()) return exhausted(d, spent, effects, now_ms);
  if (!d.round.empty()) d.current = d.round.front();
  return answer_edit(d, std::move(answer), now_ms);
}

// -- run -----------------------------------------------------------------------------------------

expected<> begin_run(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (auto ok = check_step(d, session_step::run); !ok) return ok;
  if (!s.spark_charged) {
    // The edit reserved it: no other candidate can be in between, so the budget holds.
    const int candidates = std::max(1, static_cast<int>(s.round.size()));
    s.spark_consumed += d.settings.spark_per_iteration * candidates;
    s.spark_charged = true;
  }
  mark(s, session_step::run, now_ms);
  return {};
}

run_experiment measurement_of(const session_document& d, const iteration_record& row) {
  const auto& s = d.state;
  run_experiment job;
  job.session_id = d.session_id;
  job.settings = d.settings;
  job.iteration = row.iteration;
  job.directory = s.directory;
  job.tree = row.candidate.tree;
  job.incumbent = s.head;
  job.base_commit = s.base_commit;
  job.best_metric = s.best_metric;
  job.home_class = s.home_class;
  job.class_best = s.class_best;
  job.metric_unit = s.metric_unit;
  job.guard_units = s.guard_units;
  job.noise = s.noise;
  job.best_values = s.best_values;
  return job;
}

void remember_incumbent(session_document& d, const run_result& result) {
  if (result.incumbent_metric && !result.machine.empty())
    d.state.class_best[result.machine] = *result.incumbent_metric;
}

namespace {

/// The row of a candidate gets its result.
void take_result(session_document& d, iteration_record& row, const run_result& result,
                 std::int64_t now_ms) {
  auto& s = d.state;
  remember_incumbent(d, result);
  row.result = result;
  row.result->iteration = row.iteration;
  row.result->best_metric = s.best_metric;
  extend_record(s, result, d.settings);
  row.time = rfc3339(now_ms);
}

/// `autoresearch.iteration` of a candidate that was measured.
void tell_result(const session_document& d, const iteration_record& row, json payload,
                 step_effects& effects, std::int64_t now_ms) {
  payload.erase("instruction");
  payload.erase("variants");
  payload["hypothesis"] = row.candidate.hypothesis;
  if (!row.result->worker.empty()) payload["worker"] = row.result->worker;
  effects.events.push_back(make_event(d, "iteration", std::move(payload), now_ms));
}

run_answer answer_of(const session_document& d, const iteration_record& row) {
  const auto& s = d.state;
  const auto& r = *row.result;
  run_answer answer;
  answer.iteration = row.iteration;
  answer.metric_value = r.metric_value;
  answer.best_metric = s.best_metric;
  answer.improved = r.improved;
  answer.error = r.error;
  answer.duration_s = std::round(r.duration_s * 1000) / 1000;
  answer.metric_source = r.metric_source;
  answer.reason = r.reason;
  answer.failed_at = r.failed_at;
  answer.metric_unit = r.metric_unit;
  answer.gain = r.gain;
  answer.wall_s = r.wall_s;
  answer.cpu_s = r.cpu_s;
  answer.max_rss_mb = r.max_rss_mb;
  answer.warnings = r.warnings;
  answer.samples = r.samples;
  answer.spread = r.spread;
  answer.p_value = r.p_value;
  answer.instruction = r.improved ? "Improved. Call autoresearch_decide to keep this change."
                                  : "No improvement. Call autoresearch_decide to revert it.";
  return answer;
}

}  // namespace

run_answer finish_run(session_document& d, const run_result& result, step_effects& effects,
                      std::int64_t now_ms) {
  take_result(d, d.current, result, now_ms);
  effects.store_row = true;
  end_round(d);
  auto answer = answer_of(d, d.current);
  answered(d.state, session_step::run, session_step::decide, answer);
  tell_result(d, d.current, answer, effects, now_ms);
  return answer;
}

run_answer finish_run_round(session_document& d, const std::vector<run_result>& results,
                            std::size_t winner, step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  std::vector<measured_variant> variants;
  for (std::size_t i = 0; i < d.round.size(); ++i) {
    auto& row = d.round[i];
    take_result(d, row, results[i], now_ms);
    const auto& r = *row.result;
    auto one = answer_of(d, row);
    variants.push_back(
        {row.iteration, r.metric_value, r.improved, r.error, one.duration_s, r.worker, r.reason});
    tell_result(d, row, one, effects, now_ms);
  }
  d.current = d.round[winner];
  s.current = d.current.iteration;
  for (std::size_t i = 0; i < d.round.size(); ++i) {
    auto& row = d.round[i];
    if (i != winner) {
      row.decision = "reverted";
      row.reason = why_lost(*row.result, s.current, results[winner].improved);
      effects.events.push_back(make_event(
          d, "reverted", {{"iteration", row.iteration}, {"reason", row.reason}}, now_ms));
    }
    effects.rows.push_back(row);
  }
  end_round(d);
  auto answer = answer_of(d, d.current);
  answer.variants = std::move(variants);
  answered(s, session_step::run, session_step::decide, answer);
  return answer;
}

}  // namespace ratchet
