// SPDX-License-Identifier: MIT
#include "actors/logic/candidate_plan.hpp"

#include <algorithm>

#include "actors/logic/noise.hpp"

namespace ratchet {

plan_settings plan_of(const run_experiment& job, const std::string& here) {
  plan_settings plan;
  plan.direction = job.settings->metric_direction;
  plan.min_delta = job.single_run ? 0 : job.settings->min_delta;
  plan.significance = job.settings->significance;
  plan.allow_missing_baseline = job.settings->allow_missing_baseline;
  plan.best = job.best_metric;
  plan.unit = job.metric_unit;
  if (job.iteration == 0) {
    plan.baseline = {job.settings->max_iterations, job.settings->total_time_budget_s,
                     job.settings->repeats};
    return plan;
  }
  plan.repeats = job.single_run ? 1 : deciding_pairs(job.settings, job.noise);
  plan.spread = current_spread(job.noise, job.best_values);
  plan.best_values = job.best_values;
  plan.incumbent_due =
      !job.single_run && best_is_due(job.settings, job.noise, job.best_values, job.iteration);
  plan.more_pairs = job.more_pairs;
  plan.earlier = job.earlier;
  // The incumbent's metric counts only on machines of the class that it is from.
  if (!job.best_metric || job.home_class.empty() || job.home_class == here) return plan;
  plan.best_values.clear();
  plan.incumbent_due = false;
  if (auto known = job.class_best.find(here); known != job.class_best.end())
    plan.best = known->second;
  else
    plan.incumbent_first = true;
  return plan;
}

namespace {

constexpr std::size_t most_of_baseline = 100;

/// Beside the runs themselves. What is built may be built anew once, of the candidate and of the
/// best. A work tree may have to be cut and set up for each, also where others of the session stand
/// already: one is in use or being made ready.
double longest_before_runs_s(const session_settings& s, bool new_there) {
  constexpr double grace_s = 10, tree_s = 60, base_s = 600, shortest_setup_limit_s = 3'600;
  double most = grace_s + 2 * tree_s + (new_there ? base_s : 0);
  if (!s.build_command.empty()) most += 4 * s.build_time_budget_s;
  if (!s.check_command.empty()) most += s.check_time_budget_s;
  if (!s.setup_command.empty()) most += 2 * std::max(s.time_budget_s, shortest_setup_limit_s);
  return most;
}

}  // namespace

std::size_t most_runs(const run_experiment& job, const plan_settings& planned) {
  if (job.iteration == 0) return most_of_baseline;
  const auto more = static_cast<std::size_t>(std::max(planned.more_pairs, 0));
  const auto pairs = static_cast<std::size_t>(most_pairs(std::max(planned.repeats, 1)));
  return planned.earlier.size() + 2 * (pairs + more) + 4;
}

double least_time_s(const run_experiment& job) {
  const auto& s = *job.settings;
  return (job.single_run ? 1 : std::max(s.repeats.pairs, 1)) * s.time_budget_s +
         (s.build_command.empty() ? 0 : s.build_time_budget_s);
}

double longest_answer_s(const run_experiment& job, bool new_there) {
  const auto& s = *job.settings;
  auto planned = plan_of(job, job.home_class);
  planned.earlier.clear();
  const bool one_run = planned.repeats <= 1 && !planned.incumbent_due && planned.more_pairs == 0;
  // Some of the best's, on another class of machine, and one more after a failure.
  const double runs = job.iteration == 0 ? most_baseline_runs(0, *planned.baseline)
                      : one_run          ? 3
                                         : static_cast<double>(most_runs(job, planned));
  return runs * s.time_budget_s + longest_before_runs_s(s, new_there);
}

double longest_answer_s(const compare_commits& job, bool new_there) {
  return 2.0 * job.pairs * job.settings->time_budget_s +
         longest_before_runs_s(*job.settings, new_there);
}

void take_verdict(run_result& result, const plan_result& verdict, const plan_settings& planned,
                  const run_experiment& job) {
  result.metric_value = verdict.metric_value;
  result.improved = job.iteration > 0 && verdict.improved;
  result.error = verdict.error;
  result.reason = verdict.reason;
  result.incumbent_median = verdict.incumbent_median;
  result.samples = verdict.samples;
  result.spread = verdict.spread;
  result.p_value = verdict.p_value;
  result.gain = verdict.gain;
  result.noise = verdict.noise;
  result.warnings.insert(result.warnings.end(), verdict.warnings.begin(), verdict.warnings.end());
  // On another class of machine the candidate was compared with that class's metric of the best.
  result.incumbent_metric = verdict.incumbent_first;
  if (!result.incumbent_metric && !job.home_class.empty() && result.machine != job.home_class)
    result.incumbent_metric = planned.best;
}

}  // namespace ratchet
