// SPDX-License-Identifier: MIT
#include "actors/logic/best_record.hpp"

#include <algorithm>
#include <array>

#include "actors/logic/noise.hpp"
#include "actors/logic/paired_test.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_record = 64;
constexpr std::size_t enough_runs = 6;

/// Each kind of warning once a session: the kind is what stands before the first colon or comma.
void warn_once(session_ledger& s, const std::string& text) {
  const auto kind = text.substr(0, text.find_first_of(":,"));
  const bool told = std::any_of(s.warnings.begin(), s.warnings.end(), [&](const auto& w) {
    return w.compare(0, kind.size(), kind) == 0;
  });
  if (!told) s.warnings.push_back(text);
}

/// Not this candidate alone.
bool concerns_all(const std::string& warning) {
  constexpr std::array kinds{"flaky", "the metric looked", "build_command made nothing",
                             "run_command built nothing"};
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const char* k) { return warning.starts_with(k); });
}

}  // namespace

void begin_record(session_ledger& s, const run_result& baseline, const session_settings& settings) {
  s.baseline_metric = s.best_metric = baseline.metric_value;
  s.best_values = baseline.noise.values;
  s.noise = baseline.noise;
  s.noise.advice = noise_advice(s.noise, settings, baseline.metric_unit);
  for (const auto& text : baseline.warnings) warn_once(s, text);
  const bool one_run = settings.repeats.pairs <= 1;
  const bool unsure = s.noise.known() ? settings.repeats.pairs == 1 && !s.noise.deterministic()
                                      : one_run && !s.noise.values.empty();
  if (unsure) warn_once(s, s.noise.advice);
}

void extend_record(session_ledger& s, const run_result& beside, const session_settings& settings,
                   std::size_t known) {
  for (const auto& text : beside.warnings)
    if (concerns_all(text)) warn_once(s, text);
  if (!beside.machine.empty() && !s.home_class.empty() && beside.machine != s.home_class) return;
  auto& values = s.best_values;
  if (values.empty() && s.best_metric) values.push_back(*s.best_metric);
  const auto before = values.size();
  for (std::size_t i = known; i < beside.samples.size(); ++i)
    if (const auto& run = beside.samples[i]; run.incumbent && run.metric_value)
      values.push_back(*run.metric_value);
  if (values.size() == before) return;
  if (values.size() > longest_record)
    values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(longest_record));
  s.best_metric = median(values);
  if (s.total_improvements == 0) s.baseline_metric = s.best_metric;
  const bool learnt = !s.noise.known() && s.noise.values.empty();
  if (learnt || (s.noise.deterministic() && spread_of(values) > 0)) {
    s.noise.spread = spread_of(values);
    s.noise.advice = noise_advice(s.noise, settings, s.metric_unit);
  }
  const bool higher = settings.metric_direction == metric_direction::higher_is_better;
  if (s.total_improvements > 0 && values.size() >= enough_runs && s.baseline_metric &&
      (higher ? *s.best_metric < *s.baseline_metric : *s.best_metric > *s.baseline_metric))
    warn_once(s, "the best code is no better than the baseline: it measures " +
                     amount(*s.best_metric, s.metric_unit) + " now, the baseline measured " +
                     amount(*s.baseline_metric, s.metric_unit) +
                     "; what was kept was luck, or the machine has changed");
}

void renew_record(session_ledger& s, const run_result& kept) {
  s.best_metric = kept.metric_value;
  s.best_values.clear();
  // The first of several was selected for being good.
  bool screened = false;
  for (const auto& sample : kept.samples) {
    if (sample.incumbent || !sample.metric_value) continue;
    if (screened) s.best_values.push_back(*sample.metric_value);
    screened = true;
  }
  if (s.best_values.empty() && kept.metric_value) s.best_values.push_back(*kept.metric_value);
}

}  // namespace ratchet
