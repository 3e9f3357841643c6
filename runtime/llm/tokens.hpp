// SPDX-License-Identifier: MIT
//
// Tokens and what they cost. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/edits.hpp"

namespace ratchet {

/// As a provider told it; null where it did not. `input` includes what was cached.
struct token_usage {
  std::optional<long long> input;
  std::optional<long long> output;
  std::optional<long long> cached_input;  ///< read from the provider's cache
  std::optional<long long> cache_write;   ///< written to it, where that is charged apart
};

/// The user's price table: USD per million tokens.
struct token_price {
  double input = 0;
  double output = 0;
  std::optional<double> cached_input;  ///< else as input
  std::optional<double> cache_write;   ///< else as input
};

/// Nothing when a price or a count is missing.
std::optional<double> cost_usd(const token_usage& usage, const std::optional<token_price>& price);

/// Three bytes count as a token: code and English have a few more, so that a budget holds.
long long estimated_tokens(std::size_t bytes);
inline long long estimated_tokens(std::string_view text) { return estimated_tokens(text.size()); }

/// One call's usage for the session: what was told, and for the budgets an estimate of what was
/// not, by the bytes that went out and came back.
edit_usage usage_of_call(const std::string& model, const token_usage& told,
                         const std::optional<token_price>& price, std::size_t bytes_out,
                         std::size_t bytes_back);

/// How many tokens a reply may have: as many as asked for, and no more than both budgets pay for
/// when the prompt is as long as estimated. Below 0 where the prompt alone is too dear.
long long affordable_reply_tokens(long long wanted, long long prompt_tokens,
                                  const std::optional<long long>& tokens_left,
                                  const std::optional<double>& cost_left_usd,
                                  const std::optional<token_price>& price);

}  // namespace ratchet
