// SPDX-License-Identifier: MIT
//
// Setup and run: the steps that measure. (The edit between them is in session_edit_steps.cpp.)
#include <algorithm>
#include <cmath>
#include <utility>

#include "actors/logic/baseline_delta.hpp"
#include "actors/logic/best_record.hpp"
#include "actors/logic/doubts.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/plain_output.hpp"
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

namespace {

/// How long one execution took: what is known of it, else the share of all of them.
double one_run_s(const run_result& r) {
  if (r.wall_s) return *r.wall_s;
  return r.duration_s / static_cast<double>(std::max<std::size_t>(1, r.samples.size()));
}

constexpr std::size_t answered_output_bytes = 4'000;

/// Of an answer: the end of what was printed, and the guards.
template <class Answer>
void tell_printed(const session_document& d, const run_result& r, Answer& answer) {
  answer.output_tail = plain_tail(r.output_tail, answered_output_bytes);
  answer.output_bytes = r.output_bytes;
  answer.guards = guards_found(d.settings->guard_metrics, r.guards, d.state.guard_values);
}

}  // namespace

expected<session_opened> finish_setup(session_document& d, const run_result& baseline,
                                      step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  d.current.decision = "baseline";
  d.current.time = rfc3339(now_ms);
  d.current.result = baseline;
  effects.store_row = true;
  bool missing = !baseline.metric_value && !baseline.error;
  if (baseline.error || (missing && !d.settings->allow_missing_baseline)) {
    std::string why = baseline.error
                          ? *baseline.error
                          : "the command printed no value for metric \"" + d.settings->metric_name +
                                "\"; print a line such as \"" + d.settings->metric_name +
                                ": 1.5\" or set metric_pattern";
    return fail_setup(d, fail(errc::baseline_failed, "Baseline failed: " + why), effects, now_ms);
  }
  s.status = session_status::running;
  begin_record(s, baseline, d.settings);
  s.home_class = baseline.machine;
  s.metric_source = baseline.metric_source;
  s.metric_unit = baseline.metric_unit;
  s.guard_units = baseline.guard_units;
  s.guard_values = baseline.guards;
  s.run_s = one_run_s(baseline);
  add_doubts(s.warnings, baseline.warnings);
  if (baseline.warnings.empty())
    add_doubts(s.warnings, {doubt_of_source(d.settings, s.metric_source)});
  add_doubts(s.warnings, {doubt_of_unguarded(d.settings)});
  session_opened answer;
  answer.session_id = d.session_id;
  answer.baseline_metric = baseline.metric_value;
  answer.metric_name = d.settings->metric_name;
  answer.metric_direction = d.settings->metric_direction;
  answer.max_iterations = d.settings->max_iterations;
  answer.metric_source = baseline.metric_source;
  answer.metric_unit = baseline.metric_unit;
  answer.noise = s.noise;
  if (!s.instructions.empty() && d.settings->instructions.empty())
    answer.instructions_from = "program.md";
  answer.workspace = s.directory;
  answer.branch = s.branch;
  answer.warnings = s.warnings;
  answer.wall_s = baseline.wall_s;
  answer.cpu_s = baseline.cpu_s;
  answer.max_rss_mb = baseline.max_rss_mb;
  tell_printed(d, baseline, answer);
  answer.instruction =
      "Baseline captured. Call autoresearch_edit to propose a change, then autoresearch_run to "
      "measure it, then autoresearch_decide to keep or revert it. Repeat until should_continue is "
      "false, then call autoresearch_finalize.";
  answered(s, session_step::setup, session_step::edit, answer);
  tell(d, effects, session_started{}, now_ms);
  tell(d, effects, baseline_measured{.baseline = baseline.metric_value}, now_ms);
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
  if (d.current.decision.empty()) {
    d.current.session_id = d.session_id;
    d.current.decision = "baseline";
    d.current.reason = told.text;
    d.current.time = rfc3339(now_ms);
    d.current.result = run_result{};
    d.current.result->error = told.text;
    d.current.result->output_tail = told.details.value("output_tail", "");
    d.current.result->output_bytes = told.details.value("output_bytes", 0LL);
    effects.store_row = true;
  }
  told.details.erase("output_tail");
  told.details.erase("output_bytes");
  s.last_step = session_step::setup;
  s.last_answer = {{"error", told.text}, {"code", name_of(told.code)}};
  tell(d, effects, setup_failed{.error = told.text}, now_ms);
  return told;
}

// -- run -----------------------------------------------------------------------------------------

namespace {

/// Complete pairs after the run that screened.
int pairs_in(const std::vector<run_sample>& samples) {
  int candidates = -1, incumbents = 0;
  for (const auto& run : samples) {
    if (!run.metric_value) continue;
    if (run.incumbent)
      incumbents += candidates >= 0 ? 1 : 0;
    else
      ++candidates;
  }
  return std::max(0, std::min(candidates, incumbents));
}

}  // namespace

expected<> begin_run(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (auto ok = check_step(d, session_step::run); !ok) return ok;
  // The edit reserved it: no other candidate can be in between, so the budget holds.
  s.spark_consumed += d.settings->spark_per_iteration * std::exchange(s.unpaid, 0);
  mark(s, session_step::run, now_ms);
  return {};
}

expected<> begin_more_pairs(session_document& d, int pairs, std::int64_t now_ms) {
  auto& s = d.state;
  auto refused = [&](const std::string& why) {
    return fail(errc::invalid_argument, "more_pairs: " + why, {{"field", "more_pairs"}});
  };
  if (s.next == session_step::run)
    return refused("iteration " + std::to_string(d.current.iteration) +
                   " has not been run yet; call autoresearch_run without more_pairs first");
  if (auto ok = check_step(d, session_step::decide); !ok) return ok;
  const auto& r = d.current.result;
  if (!r || r->error || !r->metric_value || !s.best_metric)
    return refused("iteration " + std::to_string(d.current.iteration) +
                   " has no metric to go on from; call autoresearch_decide");
  const int least = least_pairs(d.settings->significance);
  if (pairs + pairs_in(r->samples) < least)
    return refused(std::to_string(pairs) + " is too few: with " +
                   std::to_string(pairs_in(r->samples)) + " so far, at least " +
                   std::to_string(least - pairs_in(r->samples)) + " more can show anything");
  const int cost = d.settings->spark_per_iteration;
  if (s.spark_consumed + cost > d.settings->spark_budget)
    return refused("the spark budget (" + std::to_string(s.spark_consumed) + " of " +
                   std::to_string(d.settings->spark_budget) +
                   ") does not pay for another run; call autoresearch_decide");
  s.spark_consumed += cost;
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

/// A word that stands in for the metric's name is compared with itself only: where the best was
/// read otherwise, it is another number.
void refuse_other_source(const session_ledger& s, run_result& r) {
  if (!r.metric_source.starts_with("fallback:") || r.metric_source == s.metric_source ||
      !r.metric_value || !s.best_metric)
    return;
  r.error = "no metric: the best was read by " + s.metric_source + ", and this run has only \"" +
            r.metric_source.substr(9) + "\" to read, which is another number";
  r.metric_value.reset();
  r.improved = false;
}

/// The row of a candidate gets its result. What was measured beside it was the incumbent of the
/// moment in which its run began, and says nothing of another one.
void take_result(session_document& d, iteration_record& row, const measured_candidate& measured,
                 std::int64_t now_ms) {
  auto& s = d.state;
  const auto& result = measured.result;
  const bool same_incumbent = measured.incumbent == s.head;
  if (same_incumbent) remember_incumbent(d, result);
  const bool again = row.result.has_value();
  const std::size_t known = again ? row.result->samples.size() : 0;
  row.result = result;
  row.result->iteration = row.iteration;
  row.result->best_metric = measured.best;
  if (same_incumbent) extend_record(s, result, d.settings, known);
  row.time = rfc3339(now_ms);
  // What was not measured costs nothing.
  if (!result.failed_at.empty())
    s.spark_consumed = std::max(0, s.spark_consumed - d.settings->spark_per_iteration);
  else if (!again)
    ++s.since_keep;
  refuse_other_source(s, *row.result);
  if (!row.result->error && row.result->metric_value) s.run_s = one_run_s(*row.result);
}

void tell_result(const session_document& d, const iteration_record& row, const run_answer& answer,
                 step_effects& effects, std::int64_t now_ms) {
  candidate_measured told;
  static_cast<run_findings&>(told) = answer;
  told.recovered = answer.recovered;
  told.hypothesis = row.candidate.hypothesis;
  told.worker = row.result->worker;
  tell(d, effects, std::move(told), now_ms);
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
  tell_printed(d, r, answer);
  answer.instruction =
      r.improved ? "Improved. Call autoresearch_decide to keep this change."
      : r.failed_at.empty()
          ? "No improvement. Call autoresearch_decide to revert it."
          : "The " + r.failed_at +
                " failed, so nothing was measured and no spark spent. Call autoresearch_decide to "
                "revert it.";
  return answer;
}

}  // namespace

run_answer finish_run(session_document& d, const run_result& result, step_effects& effects,
                      std::int64_t now_ms) {
  take_result(d, d.current, {{}, result, d.state.head, d.state.best_metric}, now_ms);
  effects.store_row = true;
  auto answer = answer_of(d, d.current);
  answered(d.state, session_step::run, session_step::decide, answer);
  tell_result(d, d.current, answer, effects, now_ms);
  return answer;
}

namespace {

/// Takes a candidate out of those side by side.
iteration_record leave_round(session_document& d, int iteration) {
  std::erase(d.state.round, iteration);
  auto at = std::find_if(d.round.begin(), d.round.end(),
                         [&](const auto& row) { return row.iteration == iteration; });
  auto row = std::move(*at);
  d.round.erase(at);
  return row;
}

}  // namespace

run_answer finish_run_round(session_document& d, const std::vector<measured_candidate>& measured,
                            std::size_t winner, step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  std::vector<measured_variant> variants;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    auto row = leave_round(d, measured[i].what.iteration);
    row.candidate = measured[i].what;
    take_result(d, row, measured[i], now_ms);
    const auto& r = *row.result;
    auto one = answer_of(d, row);
    variants.push_back(
        {row.iteration, r.metric_value, r.improved, r.error, one.duration_s, r.worker, r.reason});
    tell_result(d, row, one, effects, now_ms);
    if (i == winner) {
      s.current = row.iteration;
      d.current = row;
    } else {
      row.decision = decision_against(r);
      row.reason = why_lost(r, measured[winner].what.iteration);
      tell(d, effects, candidate_reverted{.iteration = row.iteration, .reason = row.reason},
           now_ms);
    }
    effects.rows.push_back(std::move(row));
  }
  auto answer = answer_of(d, d.current);
  answer.variants = std::move(variants);
  answered(s, session_step::run, session_step::decide, answer);
  return answer;
}

void drop_round(session_document& d, const std::string& reason, step_effects& effects,
                std::int64_t now_ms) {
  while (!d.round.empty()) {
    auto row = leave_round(d, d.round.front().iteration);
    row.decision = "reverted";
    row.reason = reason;
    row.time = rfc3339(now_ms);
    tell(d, effects, candidate_reverted{.iteration = row.iteration, .reason = row.reason}, now_ms);
    effects.rows.push_back(std::move(row));
  }
}

}  // namespace ratchet
