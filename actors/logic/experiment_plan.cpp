// SPDX-License-Identifier: MIT
#include "actors/logic/experiment_plan.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/paired_test.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

// Found by simulation, see tests/bench/truth_bench; in spreads of one run.
constexpr double screening_margin = 0.4;  ///< a candidate that is no better by this is let go …
constexpr double record_error = 0.75;  ///< … less what the best's n runs are uncertain of, × √n
constexpr double wild = 3;             ///< a run that is off by more is no evidence alone
constexpr double open_p = 0.5;         ///< above this the confirming pairs are not continued

std::string counted(std::size_t pairs) {
  return std::to_string(pairs) + (pairs == 1 ? " pair" : " pairs");
}

}  // namespace

int most_pairs(int k) { return k + std::max(5, k / 2); }

experiment_plan::experiment_plan(const plan_settings& settings) : settings_(settings) {
  if (!settings_.best && !settings_.incumbent_first) settings_.incumbent_due = false;
  if (settings_.baseline) settings_.incumbent_due = settings_.incumbent_first = false;
  if (settings_.more_pairs > 0 && settings_.best)
    take_earlier();
  else if (settings_.incumbent_first || settings_.incumbent_due)
    next_ = plan_step::run_incumbent;
}

/// As if they had just been recorded; a run without its partner is left out.
void experiment_plan::take_earlier() {
  settings_.incumbent_first = settings_.incumbent_due = false;
  settings_.repeats = std::max(settings_.repeats, 2);  // the samples are told
  samples_ = settings_.earlier;
  for (const auto& run : settings_.earlier) {
    if (!run.metric_value) continue;
    if (!screened_)
      (run.incumbent ? fresh_ : first_) = *run.metric_value;
    else
      (run.incumbent ? incumbent_ : candidate_).push_back(*run.metric_value);
    screened_ = screened_ || !run.incumbent;
  }
  screened_ = true;
  const auto complete = std::min(candidate_.size(), incumbent_.size());
  candidate_.resize(complete);
  incumbent_.resize(complete);
  wanted_pairs_ = complete + static_cast<std::size_t>(settings_.more_pairs);
  judge_pairs();
}

double experiment_plan::gain(double value, double than) const {
  return settings_.direction == metric_direction::higher_is_better ? value - than : than - value;
}

void experiment_plan::end(bool improved, std::string reason) {
  improved_ = improved;
  reason_ = std::move(reason);
  next_ = plan_step::done;
}

/// A run of the same code has worked before: it is not the code that fails.
bool experiment_plan::may_repeat(bool incumbent) const {
  if (repeated_) return false;
  if (settings_.baseline) return !baseline_.empty();
  return incumbent || flaky_;
}

void experiment_plan::record(run_sample sample, std::optional<std::string> error) {
  if (next_ == plan_step::done) return;
  const bool incumbent = next_ == plan_step::run_incumbent;
  sample.incumbent = incumbent;
  if (!error && (!sample.metric_value || !std::isfinite(*sample.metric_value)))
    error = "the run printed no metric";
  if (error) sample.metric_value.reset();
  if (error && may_repeat(incumbent)) {
    sample.failed = one_line(*error);
    samples_.push_back(sample);
    repeated_ = flaky_ = true;
    const char* whose = settings_.baseline ? "the baseline" : "the best code so far";
    if (incumbent || settings_.baseline)
      warnings_.push_back(std::string("flaky: ") + whose + ", run again, failed once (" +
                          one_line(*error) + ")");
    return;
  }
  samples_.push_back(sample);
  if (error) {
    const std::string times = repeated_ ? " twice: " : ": ";
    if (incumbent)
      error_ = "the best code so far, run again beside the candidate, failed" + times + *error;
    else if (settings_.baseline && !baseline_.empty())
      error_ =
          "the unmodified code, run again to see how its metric differs, failed" + times + *error;
    else
      error_ = *error;
    return end(false, "");
  }
  repeated_ = false;
  if (settings_.baseline) return record_baseline(sample);
  if (incumbent && !screened_) return record_fresh(*sample.metric_value);
  if (!screened_) return record_candidate(*sample.metric_value);
  (incumbent ? incumbent_ : candidate_).push_back(*sample.metric_value);
  judge_pairs();
}

void experiment_plan::record_baseline(const run_sample& sample) {
  baseline_.push_back(*sample.metric_value);
  const auto runs = static_cast<int>(baseline_.size());
  const bool differs = spread_of(baseline_) > 0;
  if (runs > 1 && !differs) return end(false, "");
  double longest = 0;
  for (const auto& s : samples_) longest = std::max(longest, s.duration_s);
  if (runs >= most_baseline_runs(longest, *settings_.baseline)) end(false, "");
}

/// The incumbent's run before the candidate's.
void experiment_plan::record_fresh(double value) {
  next_ = plan_step::run_candidate;
  fresh_ = value;
  if (settings_.incumbent_first) {
    settings_.best = value;
    settings_.best_values.clear();
    return;
  }
  // One run was to decide, as no two had differed or none were known.
  if (settings_.repeats > 1 || value == *settings_.best) return;
  if (settings_.spread)
    warnings_.push_back(
        "the metric looked as if it never differed from run to run, but the best code "
        "so far gives " +
        amount(value, settings_.unit) + " now and gave " + amount(*settings_.best, settings_.unit) +
        " before: from here on pairs of runs decide");
  settings_.repeats = least_pairs(settings_.significance);
  settings_.spread = spread_of(record_of_best());
}

/// All runs of the best code that are known, or its metric.
std::vector<double> experiment_plan::record_of_best() const {
  auto all = settings_.best_values;
  if (all.empty() && settings_.best && !settings_.incumbent_first) all.push_back(*settings_.best);
  if (fresh_) all.push_back(*fresh_);
  all.insert(all.end(), incumbent_.begin(), incumbent_.end());
  return all;
}

/// What the candidate has to be better than: the pooled median, or the fresh run where that is far
/// worse, as the machine may have changed.
double experiment_plan::reference() const {
  const double pooled = median(record_of_best());
  if (fresh_ && settings_.spread && gain(*fresh_, pooled) < -wild * *settings_.spread)
    return *fresh_;
  return pooled;
}

std::string experiment_plan::against(double value, double than) const {
  const double by = gain(value, than);
  if (by == 0) return "the same as the best, " + shortest(than);
  return (by > 0 ? "better than the best by " : "worse than the best by ") +
         amount(std::abs(by), settings_.unit) + " (" + shortest(value) + " against " +
         shortest(than) + ")";
}

/// The first run: the only one, or the one that screens.
void experiment_plan::record_candidate(double value) {
  screened_ = true;
  first_ = value;
  if (!settings_.best) {
    const bool lenient = settings_.allow_missing_baseline;
    return end(lenient, lenient ? "" : "there is no best metric to compare with");
  }
  if (settings_.repeats <= 1) return judge_one(value);
  const double than = reference();
  const double better_by = gain(value, than);
  const double spread = settings_.spread.value_or(0);
  const auto runs = static_cast<double>(record_of_best().size());
  const double margin = screening_margin * 3 / look();
  if (better_by > (margin - record_error / std::sqrt(runs)) * spread) return judge_pairs();
  std::string reason = against(value, than);
  if (better_by != 0 && spread > 0)
    reason += std::string(std::abs(better_by) > spread ? ", more" : ", less") +
              " than the spread of one run, " + amount(spread, settings_.unit);
  end(false, reason + ": not confirmed by pairs");
}

void experiment_plan::judge_one(double value) {
  const double better_by = gain(value, *settings_.best);
  if (better_by > settings_.min_delta) return end(true, "");
  end(false, better_by > 0 ? "better by " + amount(better_by, settings_.unit) +
                                 ", which is not more than min_delta " +
                                 amount(settings_.min_delta, settings_.unit)
                           : against(value, *settings_.best));
}

std::vector<double> experiment_plan::differences() const {
  std::vector<double> all;
  for (std::size_t i = 0; i < std::min(candidate_.size(), incumbent_.size()); ++i)
    all.push_back(gain(candidate_[i], incumbent_[i]));
  return all;
}

/// After how many pairs they are judged at first.
int experiment_plan::look() const {
  if (wanted_pairs_ > 0) return static_cast<int>(wanted_pairs_);
  return std::max(settings_.repeats, least_pairs(settings_.significance));
}

/// Up to how many are made while it is open.
std::size_t experiment_plan::most() const {
  return wanted_pairs_ > 0 ? wanted_pairs_ : static_cast<std::size_t>(most_pairs(look()));
}

/// How many runs or pairs on the wrong side do not matter: many pairs are for small gains.
std::size_t experiment_plan::tolerated() const {
  return static_cast<std::size_t>(std::max(1, look() / 3));
}

/// Its runs after the screening are no better than the best; a wild one is no evidence. Says so.
std::string experiment_plan::hopeless() const {
  if (!settings_.spread) return "";
  const double than = reference();
  std::vector<double> below;
  for (double value : candidate_) {
    const double by = gain(value, than);
    if (by <= 0 && (*settings_.spread == 0 || by > -wild * *settings_.spread))
      below.push_back(value);
  }
  if (below.size() < tolerated() || below.size() * 2 < candidate_.size()) return "";
  const std::string again = "run again, it is " + against(median(below), than);
  return candidate_.size() == 1 ? again
                                : again + " in " + std::to_string(below.size()) + " of " +
                                      std::to_string(candidate_.size()) + " runs";
}

/// After any run of the confirming part: what comes next.
void experiment_plan::judge_pairs() {
  const auto known = differences();
  const bool complete = candidate_.size() == incumbent_.size();
  const bool waits = known.size() < wanted_pairs_;
  if (complete && !known.empty() && !waits && judged(known)) return;
  if (auto why = waits ? "" : hopeless(); !why.empty()) return end(false, std::move(why));
  // Pairs 0, 2, … begin with the candidate, the others with the incumbent.
  const bool candidate_begins = known.size() % 2 == 0;
  next_ = candidate_begins == complete ? plan_step::run_candidate : plan_step::run_incumbent;
}

/// Whether the complete pairs have ended it.
bool experiment_plan::judged(const std::vector<double>& known) {
  const auto look = static_cast<std::size_t>(this->look());
  const auto most = this->most();
  const std::size_t pairs = known.size();
  const double middle = median(known);
  const double p = paired_p_value(known);
  const bool enough = middle > settings_.min_delta;
  const auto weak = static_cast<std::size_t>(std::count_if(
      known.begin(), known.end(), [this](double d) { return !(d > settings_.min_delta); }));
  if (pairs >= look && enough && p <= settings_.significance) {
    end(true, "");
    return true;
  }
  if (!enough && (pairs >= look || weak > tolerated())) {
    const std::string seen = " in the median of " + counted(pairs);
    const std::string size = amount(std::abs(middle), settings_.unit);
    end(false, middle > 0 ? "better by " + size + seen + ", which is not more than min_delta " +
                                amount(settings_.min_delta, settings_.unit)
               : middle == 0
                   ? "the same as the best" + seen
                   : "worse than the best by " + size + seen + " (" + shortest(median(candidate_)) +
                         " against " + shortest(median(incumbent_)) + ")");
    return true;
  }
  if (pairs < look) return false;
  const double reachable = std::ldexp(p, -static_cast<int>(most - std::min(most, pairs)));
  if (p <= open_p && pairs < most && reachable <= settings_.significance) return false;
  end(false, "p = " + amount(p) + " after " +
                 (pairs == look ? std::to_string(pairs) + " of " : std::string()) + counted(pairs) +
                 ", " + shortest(settings_.significance) + " needed");
  return true;
}

/// Said when all of two or more fresh runs lie off the record on the same side.
std::string experiment_plan::off_its_record() const {
  const auto& before = settings_.best_values;
  if (before.size() < 3 || !settings_.spread || *settings_.spread == 0) return "";
  auto now = incumbent_;
  if (fresh_) now.push_back(*fresh_);
  if (now.size() < 2) return "";
  const double record = median(before);
  const double far = 2 * *settings_.spread;
  const bool above =
      std::all_of(now.begin(), now.end(), [&](double v) { return v - record > far; });
  const bool below =
      std::all_of(now.begin(), now.end(), [&](double v) { return record - v > far; });
  if (!above && !below) return "";
  return "the best code so far measures " + amount(median(now), settings_.unit) +
         " now, its record is " + amount(record, settings_.unit) + " ± " +
         amount(*settings_.spread) + ": the machine may have changed";
}

plan_result experiment_plan::result() const {
  plan_result result;
  result.improved = improved_;
  result.error = error_;
  result.reason = reason_;
  result.warnings = warnings_;
  if (settings_.baseline) {
    result.noise = noise_of(baseline_);
    if (!error_ && !baseline_.empty()) result.metric_value = median(baseline_);
    return result;
  }
  if (settings_.repeats > 1 || settings_.incumbent_due) result.samples = samples_;
  if (!error_)
    result.metric_value = candidate_.empty() ? first_ : std::optional(median(candidate_));
  if (candidate_.size() > 1) result.spread = sample_standard_deviation(candidate_);
  if (settings_.incumbent_first) result.incumbent_first = fresh_;
  if (!incumbent_.empty())
    result.incumbent_median = median(incumbent_);
  else if (settings_.incumbent_due)
    result.incumbent_median = fresh_;
  if (const auto known = differences(); !known.empty()) {
    result.p_value = paired_p_value(known);
    result.gain = median(known);
  }
  if (auto off = off_its_record(); !off.empty()) result.warnings.push_back(std::move(off));
  return result;
}

}  // namespace ratchet
