// SPDX-License-Identifier: MIT
#include "actors/logic/usage.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

template <class T>
std::optional<T> sum(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

/// The first call gives a total its value; later ones can only add to one that is known.
template <class T>
void add(std::optional<T>& total, const std::optional<T>& more, bool first) {
  total = first ? more : sum(total, more);
}

}  // namespace

void add_usage(usage_totals& totals, const edit_usage& usage) {
  if (usage.calls <= 0) return;
  bool first = totals.calls == 0;
  add(totals.input_tokens, usage.input_tokens, first);
  add(totals.output_tokens, usage.output_tokens, first);
  add(totals.cost_usd, usage.cost_usd, first);
  totals.calls += usage.calls;
  totals.counted_tokens += std::max(0LL, usage.counted_tokens);
  totals.counted_cost_usd += std::max(0.0, usage.counted_cost_usd.value_or(0));
}

edit_usage joined(edit_usage first, const edit_usage& second) {
  if (first.calls == 0) return second;
  if (second.calls == 0) return first;
  first.model = second.model;
  first.calls += second.calls;
  first.input_tokens = sum(first.input_tokens, second.input_tokens);
  first.output_tokens = sum(first.output_tokens, second.output_tokens);
  first.cost_usd = sum(first.cost_usd, second.cost_usd);
  first.counted_tokens += second.counted_tokens;
  first.counted_cost_usd = sum(first.counted_cost_usd, second.counted_cost_usd);
  return first;
}

std::string spent_usage_budget(const session_settings& limits, const usage_totals& spent) {
  if (limits.max_tokens > 0 && spent.counted_tokens >= limits.max_tokens)
    return "tokens: " + std::to_string(spent.counted_tokens) + " counted, max_tokens is " +
           std::to_string(limits.max_tokens) + "; raise max_tokens / --max-tokens";
  if (limits.max_cost_usd > 0 && spent.counted_cost_usd >= limits.max_cost_usd)
    return "cost: " + shortest(spent.counted_cost_usd) + " USD counted, max_cost_usd is " +
           shortest(limits.max_cost_usd) + "; raise max_cost_usd / --max-cost";
  return "";
}

std::optional<long long> tokens_left(const session_settings& limits, const usage_totals& spent) {
  if (limits.max_tokens <= 0) return std::nullopt;
  return std::max(0LL, limits.max_tokens - spent.counted_tokens);
}

std::optional<double> cost_left_usd(const session_settings& limits, const usage_totals& spent) {
  if (limits.max_cost_usd <= 0) return std::nullopt;
  return std::max(0.0, limits.max_cost_usd - spent.counted_cost_usd);
}

}  // namespace ratchet
