// SPDX-License-Identifier: MIT
#include "actors/logic/experiment_plan.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/paired_test.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

experiment_plan::experiment_plan(const plan_settings& settings)
    : settings_(settings),
      next_(settings.incumbent_first ? plan_step::run_incumbent : plan_step::run_candidate) {}

double experiment_plan::gain(double value, double than) const {
  return settings_.direction == metric_direction::higher_is_better ? value - than : than - value;
}

void experiment_plan::end(bool improved, std::string reason) {
  improved_ = improved;
  reason_ = std::move(reason);
  next_ = plan_step::done;
}

void experiment_plan::record(run_sample sample, std::optional<std::string> error) {
  if (next_ == plan_step::done) return;
  const bool incumbent = next_ == plan_step::run_incumbent;
  sample.incumbent = incumbent;
  if (!error && (!sample.metric_value || !std::isfinite(*sample.metric_value)))
    error = "the run printed no metric";
  if (error) sample.metric_value.reset();
  samples_.push_back(sample);
  if (error) {
    error_ = incumbent ? "the best code so far, run again beside the candidate, failed: " + *error
                       : *error;
    end(false, "");
    return;
  }
  if (incumbent && !screened_) {
    settings_.best = incumbent_first_ = sample.metric_value;
    next_ = plan_step::run_candidate;
    return;
  }
  if (incumbent)
    incumbent_.push_back(*sample.metric_value);
  else if (!screened_)
    return record_candidate(*sample.metric_value);
  else
    candidate_.push_back(*sample.metric_value);
  judge_pairs();
}

/// The first run: the only one, or the one that screens.
void experiment_plan::record_candidate(double value) {
  screened_ = true;
  first_ = value;
  if (!settings_.best) {
    end(settings_.allow_missing_baseline,
        settings_.allow_missing_baseline ? "" : "there is no best metric to compare with");
    return;
  }
  const double better_by = gain(value, *settings_.best);
  if (settings_.repeats <= 1) {
    bool improved = better_by > settings_.min_delta;
    std::string reason = better_by > 0 ? "better by " + shortest(better_by) +
                                             ", which is not more than min_delta " +
                                             shortest(settings_.min_delta)
                                       : "not better than the best " + shortest(*settings_.best);
    end(improved, improved ? "" : reason);
    return;
  }
  if (!(better_by > 0)) {
    end(false, "the screening run is not better than the best " + shortest(*settings_.best));
    return;
  }
  judge_pairs();
}

/// After any run of the confirming part: what comes next.
void experiment_plan::judge_pairs() {
  const auto k = static_cast<std::size_t>(settings_.repeats);
  const std::size_t pairs = std::min(candidate_.size(), incumbent_.size());
  const bool complete = candidate_.size() == incumbent_.size();
  if (complete) {
    std::vector<double> differences;
    std::size_t too_small = 0;
    for (std::size_t i = 0; i < pairs; ++i) {
      differences.push_back(gain(candidate_[i], incumbent_[i]));
      too_small += differences.back() > settings_.min_delta ? 0 : 1;
    }
    const double p = paired_p_value(differences);
    if (pairs == k) {
      double middle = median(differences);
      if (!(middle > settings_.min_delta))
        return end(false, "the median gain over " + std::to_string(k) + " pairs is " +
                              shortest(middle) + ", which is not more than min_delta " +
                              shortest(settings_.min_delta));
      if (!(p <= settings_.significance))
        return end(false, "p = " + shortest(p) + " over " + std::to_string(k) +
                              " pairs is above the significance " +
                              shortest(settings_.significance));
      return end(true, "");
    }
    // Were every pair to come overwhelmingly good, each would halve p. The sign test of very many
    // pairs is judged at the end only.
    const double reachable = std::ldexp(p, -static_cast<int>(k - pairs));
    if (k <= 40 && !(reachable <= settings_.significance))
      return end(false, pairs == 0
                            ? std::to_string(k) + " pairs can never reach the significance " +
                                  shortest(settings_.significance) + "; it takes " +
                                  std::to_string(least_pairs(settings_.significance))
                            : "after " + std::to_string(pairs) + " of " + std::to_string(k) +
                                  " pairs p ≤ " + shortest(settings_.significance) +
                                  " cannot be reached any more");
    if (too_small > k / 2)
      return end(false, "after " + std::to_string(pairs) + " of " + std::to_string(k) +
                            " pairs the median gain cannot exceed min_delta any more");
  }
  // Pairs 0, 2, … begin with the incumbent, the others with the candidate.
  const bool incumbent_first = pairs % 2 == 0;
  const bool first_of_pair = complete;
  next_ = incumbent_first == first_of_pair ? plan_step::run_incumbent : plan_step::run_candidate;
}

plan_result experiment_plan::result() const {
  plan_result result;
  result.improved = improved_;
  result.error = error_;
  result.reason = reason_;
  if (settings_.repeats > 1) result.samples = samples_;
  if (!error_)
    result.metric_value = candidate_.empty() ? first_ : std::optional(median(candidate_));
  if (candidate_.size() > 1) result.spread = sample_standard_deviation(candidate_);
  result.incumbent_first = incumbent_first_;
  if (!incumbent_.empty()) result.incumbent_median = median(incumbent_);
  const std::size_t pairs = std::min(candidate_.size(), incumbent_.size());
  if (pairs > 0) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < pairs; ++i)
      differences.push_back(gain(candidate_[i], incumbent_[i]));
    result.p_value = paired_p_value(differences);
  }
  return result;
}

}  // namespace ratchet
