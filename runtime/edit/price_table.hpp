// SPDX-License-Identifier: MIT
//
// The option `prices`: {MODEL: {input, output, cached_input, cache_write}}, USD per million tokens.
// Providers' prices change and differ, so that they are the user's to give.
#pragma once

#include <optional>
#include <string>

#include "messages/json.hpp"
#include "runtime/llm/tokens.hpp"

namespace ratchet {

/// What is wrong with the option, or an empty string.
std::string check_prices(const json& options);

/// Nothing for a model that is not in the table, which may be null.
std::optional<token_price> price_of(const json& prices, const std::string& model);

}  // namespace ratchet
