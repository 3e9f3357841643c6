// SPDX-License-Identifier: MIT
//
// Which runs a candidate needs, and whether they show an improvement. A state machine without a
// clock or a process: ask `next()`, make that run, `record()` it, until done.
//
// repeats 1 (also "auto" on a metric that does not differ between runs of the same code): one run
// of the candidate; improved iff it is better than the best by more than min_delta.
//
// repeats k > 1 (also "auto" on a noisy metric, with the fewest pairs that the significance asks
// for): one run screens. It is judged by the pooled median of all runs of the best code, never by
// the luckiest of them; while these are few or old, beside a fresh run of it. Min_delta is asked of
// the pairs, which see less noise. Then pairs of runs confirm, in the order candidate, best, best,
// candidate, candidate, …, so that a drift of the machine touches both alike. Improved iff the
// median of the paired differences is better by more than min_delta and the one-sided exact paired
// test (paired_test.hpp) gives p ≤ significance: after k pairs, or, while that stays open, after
// any up to most_pairs(k). It ends early when the candidate's further runs, or two of its pairs
// (more with a greater k), are no better than the best; one wild run alone does not end it.
//
// Each of these looks is at the level `significance`; by simulation (tests/bench/truth_bench) 3 to
// 4 of 100 candidates that change nothing are kept at 0.125.
//
// More pairs: a candidate that was let go may be measured further. The pairs that it has had and
// the new ones are judged together, once, when all are there; nothing ends it before, as whoever
// asks has seen the first result already. (A further look at the same level: of candidates that
// change nothing, more than without it are kept.)
//
// A failed run of the best code is made once more, and the best is called flaky; a failed run of
// the candidate is the candidate's failure (unless the best was flaky beside it).
//
// Without a best (a baseline that printed no metric) one run decides, and only
// allow_missing_baseline lets it improve.
//
// The baseline itself: runs until two are equal or as many as the limits allow, for its median and
// its noise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/logic/noise.hpp"
#include "messages/experiments.hpp"
#include "messages/settings.hpp"

namespace ratchet {

struct plan_settings {
  metric_direction direction = metric_direction::higher_is_better;
  double min_delta = 0;  ///< ≥ 0
  int repeats = 1;
  double significance = 0.125;
  bool allow_missing_baseline = false;
  std::optional<double> best;
  /// The first run is the incumbent's: on this class of machine its metric is not known, and what
  /// it gives is the best to beat.
  bool incumbent_first = false;
  std::vector<double> best_values;  ///< runs of the best code on this class of machine
  std::optional<double> spread;     ///< of one run; nothing: unknown
  /// The best's record is few or old: it is run again before the candidate. With repeats 1 a value
  /// that differs shows that the metric is noisy, and pairs decide.
  bool incumbent_due = false;
  std::string unit;
  int more_pairs = 0;                       ///< > 0: beyond those in `earlier`
  std::vector<run_sample> earlier;          ///< runs of this candidate and the best, in their order
  std::optional<baseline_limits> baseline;  ///< set: it is the baseline that is measured
};

/// Up to how many pairs are made while it is open: k + 5, or half as many again.
int most_pairs(int k);

enum class plan_step { run_candidate, run_incumbent, done };

struct plan_result {
  /// The median of the confirming candidate runs; without any, of the one run. The screening run
  /// is not among them: it was selected for being good. Of the baseline: the median of its runs.
  std::optional<double> metric_value;
  bool improved = false;
  std::optional<std::string> error;  ///< a run failed or gave no metric
  std::string reason;                ///< why it is not improved, when there is no error
  std::vector<run_sample> samples;   ///< every run in order, when there may be more than one
  std::optional<double> spread;      ///< sample standard deviation of the confirming runs, ≥ 2
  std::optional<double> p_value;     ///< of the complete pairs, when there is one
  std::optional<double> gain;  ///< median difference of the complete pairs; positive is better
  std::optional<double> incumbent_median;  ///< measured again beside the candidate
  std::optional<double> incumbent_first;   ///< measured before it, when that was asked for
  metric_noise noise;                      ///< of the baseline
  std::vector<std::string> warnings;
};

class experiment_plan {
 public:
  explicit experiment_plan(const plan_settings& settings);

  plan_step next() const { return next_; }
  /// The run that next() asked for. An error, or a sample without a finite metric, ends the plan
  /// unless that run is to be repeated.
  void record(run_sample sample, std::optional<std::string> error = std::nullopt);
  /// What is known so far; final once next() is done.
  plan_result result() const;

 private:
  bool may_repeat(bool incumbent) const;
  void record_baseline(const run_sample& sample);
  void record_fresh(double value);
  void record_candidate(double value);
  void judge_one(double value);
  void judge_pairs();
  bool judged(const std::vector<double>& differences);
  std::string hopeless() const;
  void take_earlier();
  int look() const;
  std::size_t most() const;
  std::size_t tolerated() const;
  void end(bool improved, std::string reason);
  /// How much better `value` is than `than`; positive is better whatever the direction.
  double gain(double value, double than) const;
  double reference() const;
  std::vector<double> record_of_best() const;
  std::vector<double> differences() const;
  std::string against(double value, double than) const;
  std::string off_its_record() const;

  plan_settings settings_;
  plan_step next_ = plan_step::run_candidate;
  bool screened_ = false;
  std::size_t wanted_pairs_ = 0;  ///< > 0: judged when so many are complete
  bool repeated_ = false;         ///< the run that is asked for failed once
  bool flaky_ = false;
  bool improved_ = false;
  std::optional<double> fresh_;  ///< the incumbent's run before the candidate's
  std::optional<std::string> error_;
  std::string reason_;
  std::optional<double> first_;  ///< the screening or only run
  std::vector<double> baseline_, candidate_, incumbent_;
  std::vector<run_sample> samples_;
  std::vector<std::string> warnings_;
};

}  // namespace ratchet
