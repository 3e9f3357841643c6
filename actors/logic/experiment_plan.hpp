// SPDX-License-Identifier: MIT
//
// Which runs a candidate needs, and whether they show an improvement. A state machine without a
// clock or a process: ask `next()`, make that run, `record()` it, until done.
//
// repeats 1: one run of the candidate; improved iff it is better than the best by more than
// min_delta.
//
// repeats k > 1: one run screens; a candidate that is not better than the best at all goes no
// further (min_delta is asked of the pairs, which see less noise). Then k pairs confirm, in the
// order incumbent, candidate, candidate, incumbent, …, so that a drift of the machine touches both
// alike. Improved iff the median of the paired differences is better by more than min_delta and the
// one-sided exact paired test gives p ≤ significance. It stops as soon as neither can be reached
// any more; with k < least_pairs(significance) that is at once, after the screening.
//
// Without a best (a baseline that printed no metric) one run decides, and only
// allow_missing_baseline lets it improve.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/settings.hpp"

namespace ratchet {

struct plan_settings {
  metric_direction direction = metric_direction::higher_is_better;
  double min_delta = 0;  ///< ≥ 0
  int repeats = 1;
  double significance = 0.05;
  bool allow_missing_baseline = false;
  std::optional<double> best;
  /// The first run is the incumbent's: on this class of machine its metric is not known, and what
  /// it gives is the best to beat.
  bool incumbent_first = false;
};

enum class plan_step { run_candidate, run_incumbent, done };

struct plan_result {
  /// The median of the confirming candidate runs; without any, of the one run. The screening run
  /// is not among them: it was selected for being good.
  std::optional<double> metric_value;
  bool improved = false;
  std::optional<std::string> error;  ///< a run failed or gave no metric
  std::string reason;                ///< why it is not improved, when there is no error
  std::vector<run_sample> samples;   ///< with repeats > 1: every run in order, the screening first
  std::optional<double> spread;      ///< sample standard deviation of the confirming runs, ≥ 2
  std::optional<double> p_value;     ///< of the complete pairs, when there is one
  std::optional<double> incumbent_median;  ///< measured again beside the candidate
  std::optional<double> incumbent_first;   ///< measured before it, when that was asked for
};

class experiment_plan {
 public:
  explicit experiment_plan(const plan_settings& settings);

  plan_step next() const { return next_; }
  /// The run that next() asked for. An error, or a sample without a finite metric, ends the plan.
  void record(run_sample sample, std::optional<std::string> error = std::nullopt);
  /// What is known so far; final once next() is done.
  plan_result result() const;

 private:
  void record_candidate(double value);
  void judge_pairs();
  void end(bool improved, std::string reason);
  /// How much better `value` is than `than`; positive is better whatever the direction.
  double gain(double value, double than) const;

  plan_settings settings_;
  plan_step next_ = plan_step::run_candidate;
  bool screened_ = false;
  std::optional<double> incumbent_first_;
  bool improved_ = false;
  std::optional<std::string> error_;
  std::string reason_;
  std::optional<double> first_;  ///< the screening or only run
  std::vector<double> candidate_, incumbent_;
  std::vector<run_sample> samples_;
};

}  // namespace ratchet
