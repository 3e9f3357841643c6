// SPDX-License-Identifier: MIT
#include "actors/logic/noise.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/paired_test.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr int usual_runs = 5;
constexpr double long_run_s = 1800;
constexpr std::size_t enough_runs = 5;  ///< of the best code, to trust their median and spread
constexpr int often = 8;                ///< iterations

std::string times(std::size_t n) {
  return n == 2 ? "two runs" : n == 3 ? "three runs" : std::to_string(n) + " runs";
}

}  // namespace

double spread_of(const std::vector<double>& values) {
  std::vector<double> differences;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      differences.push_back(std::abs(values[i] - values[j]));
      total += differences.back();
    }
  if (differences.empty()) return 0;
  // Of Gaussian runs the median difference is 0.954 and the mean one 1.128 standard deviations.
  const double middle = values.size() > 3 ? median(differences) / 0.954 : 0;
  return middle > 0 ? middle : total / static_cast<double>(differences.size()) / 1.128;
}

metric_noise noise_of(std::vector<double> values) {
  metric_noise noise;
  if (values.size() > 1) noise.spread = spread_of(values);
  noise.values = std::move(values);
  return noise;
}

std::optional<double> current_spread(const metric_noise& noise, const std::vector<double>& best) {
  if (!noise.spread || best.size() < 4) return noise.spread;
  const double own = spread_of(best);
  if (best.size() < enough_runs) return (own + *noise.spread) / 2;
  return own;
}

int most_baseline_runs(double run_s, const baseline_limits& limits) {
  int most = std::clamp(limits.max_iterations / 10, 2, usual_runs);
  if (limits.repeats.pairs == 1 || run_s >= long_run_s) most = 2;
  if (limits.total_time_budget_s > 0 && run_s > 0) {
    const double fit = std::floor(limits.total_time_budget_s / 10 / run_s);
    most = std::min(most, static_cast<int>(std::clamp(fit, 1.0, 1.0 * usual_runs)));
  }
  return most;
}

int deciding_pairs(const session_settings& settings, const metric_noise& noise) {
  if (!settings.repeats.automatic()) return settings.repeats.pairs;
  return noise.known() && !noise.deterministic() ? least_pairs(settings.significance) : 1;
}

bool best_is_due(const session_settings& settings, const metric_noise& noise,
                 const std::vector<double>& best, int iteration) {
  if (best.empty()) return false;
  // The baseline had no metric: nothing is known until the first best has been run twice.
  if (!noise.known())
    return settings.repeats.automatic() && noise.values.empty() && best.size() == 1;
  if (noise.deterministic())
    return settings.repeats.automatic() && iteration >= often && (iteration & (iteration - 1)) == 0;
  if (deciding_pairs(settings, noise) == 1) return false;
  if (best.size() < enough_runs || iteration % often == 0) return true;
  const double far = 3 * current_spread(noise, best).value_or(0);
  const double newest = best.back() - median(best), other = best[best.size() - 2] - median(best);
  return std::min(newest, other) > far || std::max(newest, other) < -far;
}

std::string noise_advice(const metric_noise& noise, const session_settings& settings,
                         const std::string& unit) {
  const bool automatic = settings.repeats.automatic();
  if (!noise.known()) {
    if (noise.values.empty()) return "";
    return std::string("the baseline was measured once, as a second run would take more than a ") +
           "tenth of total_time_budget_s: how much the metric differs from run to run is not "
           "known" +
           (automatic ? ", and one run decides" : "");
  }
  if (noise.deterministic())
    return times(noise.values.size()) + " of the same code gave the same value" +
           (automatic ? ": one run decides" : "");
  const double spread = *noise.spread;
  const double level = std::abs(median(noise.values));
  std::string text = times(noise.values.size()) + " of the same code differ by about ";
  if (level > 0)
    text += amount(spread / level * 100) + " % (" + amount(spread, unit) + ")";
  else
    text += amount(spread, unit);
  if (settings.repeats.pairs == 1)
    return text + ": with repeats 1 a gain below " + amount(3 * spread, unit) +
           " may be luck; with repeats \"auto\" pairs of runs decide";
  text += ": a gain below " + amount(2 * spread, unit) + " takes several pairs of runs to see";
  if (settings.min_delta > 0 && settings.min_delta < spread / 4)
    text += ", and min_delta " + amount(settings.min_delta, unit) + " is far below that";
  return text;
}

std::string amount(double value, const std::string& unit) {
  std::string text = shortest(value);
  if (std::isfinite(value) && value != 0) {
    const double scale = std::pow(10.0, 2 - std::floor(std::log10(std::abs(value))));
    const double rounded = std::round(value * scale) / scale;
    if (std::isfinite(rounded)) text = shortest(rounded);
  }
  return unit.empty() ? text : text + " " + unit;
}

}  // namespace ratchet
