// SPDX-License-Identifier: MIT
#include "actors/logic/candidate_plan.hpp"

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
