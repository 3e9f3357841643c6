// SPDX-License-Identifier: MIT
//
// Plans of experiments, fed with values as they ask for runs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/logic/experiment_plan.hpp"

namespace ratchet::testing {

inline run_sample value(double v) {
  run_sample sample;
  sample.metric_value = v;
  sample.duration_s = 1;
  return sample;
}

/// Feeds candidate and incumbent values in turn as the plan asks for them; 'c' and 'i' in order.
inline std::string feed(experiment_plan& plan, std::vector<double> candidate,
                        std::vector<double> incumbent) {
  std::string order;
  std::size_t c = 0, i = 0;
  while (plan.next() != plan_step::done) {
    bool is_candidate = plan.next() == plan_step::run_candidate;
    order += is_candidate ? 'c' : 'i';
    auto& values = is_candidate ? candidate : incumbent;
    auto& at = is_candidate ? c : i;
    if (at == values.size()) return order + "?";
    plan.record(value(values[at++]));
  }
  return order;
}

inline plan_settings settings(int repeats, std::optional<double> best) {
  plan_settings s;
  s.repeats = repeats;
  s.best = best;
  return s;
}

/// Three pairs at 0.125 against a best code whose runs are known; one run's spread is 1.
inline plan_settings noisy(std::vector<double> best_values = {10, 11, 9, 10.5, 9.5, 10}) {
  auto s = settings(3, 10);
  s.best_values = std::move(best_values);
  s.spread = 1;
  return s;
}

}  // namespace ratchet::testing
