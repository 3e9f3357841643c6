// SPDX-License-Identifier: MIT
//
// How much a metric differs between runs of the same code: estimated from the baseline's runs at
// setup, and again from the runs of the best code as they come in.
//
// The spread is the median of the differences between all pairs of runs, scaled so that it is the
// standard deviation of one run where the noise is Gaussian (of two or three runs: the mean). One
// wild run in five does not move it much. 0 means that no run differed: the metric is taken for
// deterministic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// A robust standard deviation of one run; 0 when all are equal, or for fewer than two. Never 0
/// when two of them differ.
double spread_of(const std::vector<double>& values);

/// The estimate from the baseline's runs; the spread is unknown for fewer than two.
metric_noise noise_of(std::vector<double> values);

/// The spread of one run of the best code, by the baseline's and by its own runs once there are
/// enough; nothing when the noise is unknown.
std::optional<double> current_spread(const metric_noise& noise, const std::vector<double>& best);

/// What bounds the baseline's runs, from the session's settings.
struct baseline_limits {
  int max_iterations = 50;
  double total_time_budget_s = 0;  ///< 0: no limit
  repeat_count repeats;
};

/// How many runs the baseline may have at most when one takes `run_s` seconds: 5; no more than a
/// tenth of max_iterations, but 2; 2 for repeats 1 and for runs of half an hour or longer; never
/// more than fit in a tenth of total_time_budget_s, but 1.
int most_baseline_runs(double run_s, const baseline_limits& limits);

/// How many pairs decide, 1 for a single run: what `repeats` says, or by what is known of the
/// noise.
int deciding_pairs(const session_settings& settings, const metric_noise& noise);

/// Whether the best code has to be run again beside the candidate of this iteration. In a noisy
/// session: while there are fewer than five runs of it, when the newest two are far off the others,
/// and in each eighth iteration. Where one run decides as the metric never differed: in iterations
/// 8, 16, 32, 64, …, to see that this is so. Where the baseline had no metric: once, to know.
bool best_is_due(const session_settings& settings, const metric_noise& noise,
                 const std::vector<double>& best, int iteration);

/// What it means for repeats and min_delta, in one sentence; empty when there is nothing to say.
std::string noise_advice(const metric_noise& noise, const session_settings& settings,
                         const std::string& unit);

/// For people: a difference to about three digits, with its unit.
std::string amount(double value, const std::string& unit = {});

}  // namespace ratchet
