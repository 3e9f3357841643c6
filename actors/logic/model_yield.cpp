// SPDX-License-Identifier: MIT
#include "actors/logic/model_yield.hpp"

#include <algorithm>
#include <cmath>

#include "messages/json_fields.hpp"

namespace ratchet {

RATCHET_JSON(model_yield)

namespace {

/// The best code's value beside the candidate, as near to it in time and place as there is one.
std::optional<double> value_before(const run_result& r) {
  if (r.incumbent_median) return r.incumbent_median;
  return r.incumbent_metric ? r.incumbent_metric : r.best_metric;
}

/// Divided first, so that no difference of great values is infinite.
double share(double before, double after, const std::optional<double>& difference) {
  const double greater = std::max(std::abs(before), std::abs(after));
  const double gain =
      difference ? *difference / greater : std::abs(after / greater - before / greater);
  return std::isfinite(gain) ? std::clamp(gain, 0.0, 2.0) : 0;
}

std::optional<double> quotient(double gain, double cost) {
  return cost > 0 ? std::optional(gain / cost) : std::nullopt;
}

}  // namespace

double relative_gain(const iteration_record& row) {
  if (row.decision != "kept" || !row.result || !row.result->metric_value) return 0;
  const auto before = value_before(*row.result);
  return before ? share(*before, *row.result->metric_value, row.result->gain) : 1;
}

void count_asked(model_yield& yield, const edit_usage& usage) {
  ++yield.asked;
  yield.calls += usage.calls;
  yield.counted_tokens += std::max(0LL, usage.counted_tokens);
  if (yield.counted_cost_usd && usage.counted_cost_usd)
    *yield.counted_cost_usd += std::max(0.0, *usage.counted_cost_usd);
  else
    yield.counted_cost_usd.reset();
}

void count_iteration(model_yield& yield, const iteration_record& row) {
  count_asked(yield, *row.candidate.usage);
  if (row.decision != "edit_failed") ++yield.applied;
  if (row.decision == "kept") ++yield.kept;
  yield.gain += relative_gain(row);
}

std::vector<model_yield> yields_of(const std::vector<iteration_record>& rows) {
  std::vector<model_yield> yields;
  for (const auto& row : rows) {
    if (!row.candidate.usage) continue;
    const auto& model = row.candidate.usage->model;
    auto it = std::find_if(yields.begin(), yields.end(),
                           [&](const model_yield& y) { return y.model == model; });
    if (it == yields.end()) it = yields.insert(it, {.model = model});
    count_iteration(*it, row);
  }
  return yields;
}

std::optional<double> gain_per_usd(const model_yield& yield) {
  return quotient(yield.gain, yield.counted_cost_usd.value_or(0));
}

std::optional<double> gain_per_million_tokens(const model_yield& yield) {
  return quotient(yield.gain, static_cast<double>(yield.counted_tokens) / 1e6);
}

}  // namespace ratchet
