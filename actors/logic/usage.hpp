// SPDX-License-Identifier: MIT
//
// What model calls cost a session, and whether its budgets still pay for more.
#pragma once

#include <optional>
#include <string>

#include "messages/edits.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Adds what one proposal cost. What is unknown makes the total unknown; the counted sums go on.
void add_usage(usage_totals& totals, const edit_usage& usage);

/// One proposal of two calls of the same model: unknown where either is.
edit_usage joined(edit_usage first, const edit_usage& second);

/// "tokens: 1200 of max_tokens 1000 counted", or empty while max_tokens and max_cost_usd hold.
std::string spent_usage_budget(const session_settings& limits, const usage_totals& spent);

/// What is left of a budget; nothing where there is no limit. Never below 0.
std::optional<long long> tokens_left(const session_settings& limits, const usage_totals& spent);
std::optional<double> cost_left_usd(const session_settings& limits, const usage_totals& spent);

}  // namespace ratchet
