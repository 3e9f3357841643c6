// SPDX-License-Identifier: MIT
#include "runtime/llm/tokens.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

namespace {

constexpr double million = 1e6;

}  // namespace

std::optional<double> cost_usd(const token_usage& usage, const std::optional<token_price>& price) {
  if (!price || !usage.input || !usage.output) return std::nullopt;
  double cached = static_cast<double>(usage.cached_input.value_or(0));
  double written = static_cast<double>(usage.cache_write.value_or(0));
  double plain = std::max(0.0, static_cast<double>(*usage.input) - cached - written);
  return (plain * price->input + cached * price->cached_input.value_or(price->input) +
          written * price->cache_write.value_or(price->input) +
          static_cast<double>(*usage.output) * price->output) /
         million;
}

long long estimated_tokens(std::size_t bytes) { return static_cast<long long>((bytes + 2) / 3); }

edit_usage usage_of_call(const std::string& model, const token_usage& told,
                         const std::optional<token_price>& price, std::size_t bytes_out,
                         std::size_t bytes_back) {
  token_usage counted = told;
  if (!counted.input) counted.input = estimated_tokens(bytes_out);
  if (!counted.output) counted.output = estimated_tokens(bytes_back);
  edit_usage usage;
  usage.model = model;
  usage.input_tokens = told.input;
  usage.output_tokens = told.output;
  usage.cost_usd = cost_usd(told, price);
  usage.counted_tokens = *counted.input + *counted.output;
  usage.counted_cost_usd = cost_usd(counted, price);
  return usage;
}

long long affordable_reply_tokens(long long wanted, long long prompt_tokens,
                                  const std::optional<long long>& tokens_left,
                                  const std::optional<double>& cost_left_usd,
                                  const std::optional<token_price>& price) {
  long long most = wanted;
  if (tokens_left) most = std::min(most, *tokens_left - prompt_tokens);
  if (cost_left_usd && price) {
    double dearest_input = std::max(price->input, price->cache_write.value_or(0));
    double left = *cost_left_usd - static_cast<double>(prompt_tokens) * dearest_input / million;
    if (left < 0) return -1;
    double tokens = price->output > 0 ? left * million / price->output : static_cast<double>(most);
    most = std::min(most, static_cast<long long>(std::min(tokens, 1e15)));
  }
  return most;
}

}  // namespace ratchet
