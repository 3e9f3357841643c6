// SPDX-License-Identifier: MIT
//
// A night of edits whose true effects are known, on a metric with a known noise, through a
// session's own steps: for tests and benches of whether what is kept is better.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "actors/logic/candidate_plan.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/session_ledger.hpp"

namespace ratchet::testing {

/// What one run is off by, in units of the nominal standard deviation.
using noise_model = std::function<double(std::mt19937_64&)>;

/// None, 2 % Gaussian, and heavy tails: one run in ten off by several deviations, to the good or
/// the bad side, of a metric where higher is better.
inline std::vector<std::pair<const char*, noise_model>> noise_models() {
  auto gauss = [](std::mt19937_64& r) { return std::normal_distribution<double>()(r); };
  auto share = [](std::mt19937_64& r) { return std::uniform_real_distribution<double>()(r); };
  auto spiked = [gauss, share](double core, double side) {
    return [=](std::mt19937_64& r) {
      const double usual = core * gauss(r);
      return share(r) < 0.1 ? usual + side * (3 + 5 * share(r)) : usual;
    };
  };
  auto tailed = [gauss, share](double side) {
    return [=](std::mt19937_64& r) {
      return share(r) < 0.1 ? side * 4 * std::abs(gauss(r)) : 0.5 * gauss(r);
    };
  };
  return {{"deterministic", [](std::mt19937_64&) { return 0.0; }},
          {"Gaussian", gauss},
          {"heavy tail to the good: a tenth 4|N|, else N/2", tailed(1)},
          {"heavy tail to the bad: a tenth -4|N|, else N/2", tailed(-1)},
          {"spikes to the good: N, a tenth + 3 ... 8", spiked(1, 1)},
          {"spikes to the bad: N, a tenth - 3 ... 8", spiked(1, -1)},
          {"spikes to the good: 0.7 N, a tenth + 3 ... 8", spiked(0.7, 1)}};
}

/// 120 edits in random order: 12 truly better by two standard deviations, 24 truly worse by as
/// much, the others change nothing.
class noisy_night {
 public:
  static constexpr double level = 100, deviation = 2, effect = 2 * deviation;
  static constexpr int edits = 120, better = 12, worse = 24;
  static constexpr double planted = better * effect;

  noisy_night(noise_model noise, std::uint64_t seed) : noise_(std::move(noise)), random_(seed) {
    for (int i = 0; i < edits; ++i)
      effects.push_back(i < better ? effect : i < better + worse ? -effect : 0);
    std::shuffle(effects.begin(), effects.end(), random_);
  }

  /// One run of code whose true metric is `truth`.
  double run(double truth) {
    ++runs;
    return truth + deviation * noise_(random_);
  }
  /// The true gain of keeping or not, as the search goes on from what it keeps.
  void keep(double by, double told) {
    truth += by;
    told_sum += told;
    (by > 0 ? found : kept_falsely) += 1;
  }
  /// Baseline against best in six pairs, as at the end of a search.
  double compared() {
    std::vector<double> gains;
    for (int i = 0; i < 6; ++i) gains.push_back(run(truth) - run(level));
    return median(gains);
  }

  std::vector<double> effects;
  double truth = level;  ///< of the best code so far
  double told_sum = 0;   ///< of the gains told with each keep
  double told = 0;       ///< best metric less baseline metric at the end
  int found = 0, kept_falsely = 0, runs = 0;

 private:
  noise_model noise_;
  std::mt19937_64 random_;
};

inline run_result measured_by(noisy_night& night, const run_experiment& job, double truth) {
  const auto planned = plan_of(job, "");
  experiment_plan plan(planned);
  while (plan.next() != plan_step::done)
    plan.record({night.run(plan.next() == plan_step::run_incumbent ? night.truth : truth), 1});
  run_result result;
  result.iteration = job.iteration;
  take_verdict(result, plan.result(), planned, job);
  return result;
}

/// The whole night through the steps of a session with `settings`.
inline session_document search(noisy_night& night, session_settings settings) {
  constexpr std::int64_t now = 1'000'000;
  settings.max_iterations = noisy_night::edits;
  settings.spark_per_iteration = 0;
  session_document d;
  d.session_id = "0123456789ab";
  d.settings = settings;
  step_effects effects;
  begin_setup(d, now);
  workspace_ready(d, {"/w", "base", "tree", "branch", {}, {}});
  if (!finish_setup(d, measured_by(night, measurement_of(d, d.current), night.truth), effects, now))
    return d;
  for (double by : night.effects) {
    step_effects of_step;
    if (!begin_edit(d, of_step, now)) return d;
    edit_outcome outcome;
    outcome.applied = candidate{};
    finish_edit(d, outcome, of_step, now);
    if (!begin_run(d, now)) return d;
    const auto was = d.state.best_metric;
    const auto result = measured_by(night, measurement_of(d, d.current), night.truth + by);
    finish_run(d, result, of_step, now);
    if (!begin_decide(d, now)) return d;
    if (result.improved) {
      night.keep(by, result.gain.value_or(*result.metric_value - was.value_or(0)));
      finish_kept(d, "commit", of_step, now);
    } else {
      finish_reverted(d, "reverted", result.reason, of_step, now);
    }
  }
  night.told = *d.state.best_metric - *d.state.baseline_metric;
  return d;
}

}  // namespace ratchet::testing
