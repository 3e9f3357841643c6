// SPDX-License-Identifier: MIT
#include "actors/logic/told_result.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "actors/logic/candidate_plan.hpp"
#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/plain_output.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_of_output = 5'000, most_of_file = 16 << 10, most_of_files = 64 << 10;
constexpr std::size_t most_of_reason = 1'000, most_warnings = 20;

std::string cut(std::string_view text, std::size_t most) {
  // No text is looked at beyond what could be left of it.
  return std::string(utf8_prefix(plain_output(text.substr(0, 4 * most)), most));
}

void keep_finite(std::optional<double>& value) {
  if (value && !std::isfinite(*value)) value.reset();
}

void keep_duration(double& seconds) {
  if (!std::isfinite(seconds) || seconds < 0) seconds = 0;
}

void keep_measured(std::optional<double>& value) {
  if (value && (!std::isfinite(*value) || *value < 0)) value.reset();
}

void cut_texts(run_result& r, const session_settings& settings) {
  if (r.error) r.error = cut(*r.error, max_excerpt_bytes);
  r.reason = cut(r.reason, most_of_reason);
  if (!r.failed_at.empty() && r.failed_at != "check") r.failed_at = "build";
  r.metric_source = one_line(r.metric_source.substr(0, 512), 128);
  r.metric_unit = one_line(r.metric_unit.substr(0, 128), 32);
  r.isolation = one_line(r.isolation.substr(0, 256), 64);
  r.output_head = cut(r.output_head, most_of_output);
  r.output_tail = plain_tail(utf8_suffix(r.output_tail, 4 * most_of_output), most_of_output);
  if (r.warnings.size() > most_warnings) r.warnings.resize(most_warnings);
  for (auto& warning : r.warnings) warning = one_line(warning.substr(0, 2'000), 400);
  r.noise.advice = one_line(r.noise.advice.substr(0, 2'000), 400);
  std::map<std::string, std::string> asked_for;
  std::size_t room = most_of_files;
  for (const auto& path : settings.collect_paths) {
    auto found = r.collected.find(path);
    if (found == r.collected.end()) continue;
    auto& text = asked_for[path] = cut(found->second, std::min(room, most_of_file + 32));
    room -= text.size();
  }
  r.collected = std::move(asked_for);
}

void keep_guards(run_result& r, const session_settings& settings) {
  std::map<std::string, double> values;
  std::map<std::string, std::string> units;
  for (const auto& guard : settings.guard_metrics) {
    if (auto found = r.guards.find(guard.name);
        found != r.guards.end() && std::isfinite(found->second))
      values[guard.name] = found->second;
    if (auto unit = r.guard_units.find(guard.name); unit != r.guard_units.end())
      units[guard.name] = one_line(unit->second.substr(0, 128), 32);
  }
  r.guards = std::move(values);
  r.guard_units = std::move(units);
}

void keep_numbers(run_result& r, std::size_t most) {
  keep_finite(r.gain);
  keep_finite(r.incumbent_median);
  keep_finite(r.incumbent_metric);
  keep_measured(r.spread);
  keep_measured(r.p_value);
  for (auto* value : {&r.wall_s, &r.cpu_s, &r.max_rss_mb, &r.instructions}) keep_measured(*value);
  for (auto* seconds : {&r.build_s, &r.check_s, &r.duration_s}) keep_duration(*seconds);
  r.output_bytes = std::max(r.output_bytes, 0LL);
  r.leftovers_killed = std::max(r.leftovers_killed, 0);
  if (r.samples.size() > most) r.samples.resize(most);
  for (auto& sample : r.samples) {
    keep_finite(sample.metric_value);
    keep_duration(sample.duration_s);
    sample.failed = one_line(sample.failed.substr(0, 1'000), 120);
  }
  keep_measured(r.noise.spread);
  if (r.noise.values.size() > most) r.noise.values.resize(most);
  std::erase_if(r.noise.values, [](double v) { return !std::isfinite(v); });
}

/// The plan's verdict on the runs that are told of; nothing when they are not the plan's.
std::optional<plan_result> verdict_on(const run_result& r, const plan_settings& planned) {
  experiment_plan plan(planned);
  auto samples = r.samples;
  if (samples.empty()) samples.push_back({r.metric_value, r.duration_s, false, ""});
  // Those of a plan that goes on are told again.
  if (samples.size() >= planned.earlier.size() && planned.more_pairs > 0)
    samples.erase(samples.begin(),
                  samples.begin() + static_cast<std::ptrdiff_t>(planned.earlier.size()));
  for (const auto& sample : samples) {
    if (plan.next() == plan_step::done ||
        sample.incumbent != (plan.next() == plan_step::run_incumbent))
      return std::nullopt;
    plan.record(sample, sample.failed.empty() ? std::nullopt : std::optional(sample.failed));
  }
  auto verdict = plan.result();
  if (plan.next() != plan_step::done || verdict.error) return std::nullopt;
  return verdict;
}

/// Whether its metric is better than the best that this node knows for such a machine.
bool beats_best(const run_result& r, const plan_settings& planned) {
  const auto best = planned.incumbent_first ? r.incumbent_metric : planned.best;
  if (!best) return planned.allow_missing_baseline;
  const double gain = planned.direction == metric_direction::higher_is_better
                          ? *r.metric_value - *best
                          : *best - *r.metric_value;
  return gain > planned.min_delta;
}

}  // namespace

run_result believed(run_result told, const run_experiment& asked,
                    const std::string& machine_class) {
  const auto planned = plan_of(asked, machine_class);
  told.iteration = asked.iteration;
  told.machine = machine_class;
  cut_texts(told, asked.settings);
  keep_guards(told, asked.settings);
  keep_numbers(told, most_runs(asked, planned));
  if (told.metric_value && !std::isfinite(*told.metric_value)) {
    told.metric_value.reset();
    if (!told.error) told.error = "the metric is no finite number";
  }
  if (told.error) told.metric_value.reset();
  if (!told.metric_value || asked.iteration == 0) {
    told.improved = false;
    return told;
  }
  if (auto verdict = verdict_on(told, planned)) {
    verdict->warnings.clear();  // it has told them
    take_verdict(told, *verdict, planned, asked);
  } else if (told.improved && !beats_best(told, planned)) {
    told.improved = false;
    told.reason = "the worker called it better, and its metric is not better than the best";
  }
  return told;
}

comparison believed(comparison told) {
  for (auto* value : {&told.baseline_median, &told.best_median, &told.gain_percent,
                      &told.gain_low_percent, &told.gain_high_percent})
    keep_finite(*value);
  told.pairs = std::max(told.pairs, 0);
  told.error = cut(told.error, max_excerpt_bytes);
  return told;
}

}  // namespace ratchet
