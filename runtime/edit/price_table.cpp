// SPDX-License-Identifier: MIT
#include "runtime/edit/price_table.hpp"

#include "actors/logic/text.hpp"
#include "runtime/edit/backend_options.hpp"
#include "runtime/edit/option_checks.hpp"

namespace ratchet {

std::string check_prices(const json& options) {
  if (!options.contains("prices")) return "";
  const auto& table = options["prices"];
  const std::string rule = "an object such as {\"MODEL\": {\"input\": 2.5, \"output\": 10}}";
  if (!table.is_object()) return option::want("prices", rule, table);
  for (const auto& [model, price] : table.items()) {
    const std::string of = "prices of " + shown(model, 80) + ": ";
    if (!price.is_object()) return option::want("prices", rule, price);
    auto wrong = unknown_option(price, {"input", "output", "cached_input", "cache_write"});
    for (const char* name : {"input", "output", "cached_input", "cache_write"})
      if (wrong.empty())
        wrong = option::check_number(price, name, 0, 1e6, false, "USD per million tokens, from 0");
    if (wrong.empty() && !(price.contains("input") && price.contains("output")))
      wrong = "input and output are both needed, in USD per million tokens";
    if (!wrong.empty()) return of + wrong;
  }
  return "";
}

std::optional<token_price> price_of(const json& prices, const std::string& model) {
  if (!prices.is_object() || !prices.contains(model)) return std::nullopt;
  const auto& p = prices[model];
  token_price price{p["input"].get<double>(), p["output"].get<double>(), {}, {}};
  if (p.contains("cached_input")) price.cached_input = p["cached_input"].get<double>();
  if (p.contains("cache_write")) price.cache_write = p["cache_write"].get<double>();
  return price;
}

}  // namespace ratchet
