// SPDX-License-Identifier: MIT
#include "runtime/llm/tokens.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

const std::optional<token_price> price = token_price{2, 10, 0.5, 2.5};

}  // namespace

TEST_CASE("cost follows the price table, and is unknown where anything is") {
  token_usage u{1'000'000, 100'000, {}, {}};
  CHECK(*cost_usd(u, price) == doctest::Approx(3));
  u.cached_input = 400'000;
  u.cache_write = 200'000;
  CHECK(*cost_usd(u, price) == doctest::Approx(0.4 * 2 + 0.4 * 0.5 + 0.2 * 2.5 + 1));
  CHECK(*cost_usd(u, token_price{2, 10, {}, {}}) == doctest::Approx(3));
  CHECK_FALSE(cost_usd(u, {}));
  CHECK_FALSE(cost_usd(token_usage{{}, 5, {}, {}}, price));
  CHECK_FALSE(cost_usd(token_usage{5, {}, {}, {}}, price));
  CHECK(*cost_usd(token_usage{0, 0, {}, {}}, price) == 0);
}

TEST_CASE("budgets count what was told, and an estimate of what was not") {
  auto told = usage_of_call("m", {100, 20, {}, {}}, price, 9000, 9000);
  CHECK(told.calls == 1);
  CHECK(told.counted_tokens == 120);
  CHECK(*told.cost_usd == doctest::Approx(0.0004));
  CHECK(told.counted_cost_usd == told.cost_usd);
  auto untold = usage_of_call("m", {}, price, 3000, 301);
  CHECK_FALSE(untold.input_tokens);
  CHECK_FALSE(untold.output_tokens);
  CHECK_FALSE(untold.cost_usd);
  CHECK(untold.counted_tokens == 1101);
  CHECK(*untold.counted_cost_usd == doctest::Approx((1000 * 2 + 101 * 10) / 1e6));
  CHECK_FALSE(usage_of_call("m", {}, {}, 3000, 301).counted_cost_usd);
}

TEST_CASE("a reply gets no more room than both budgets pay for") {
  CHECK(affordable_reply_tokens(500, 1000, {}, {}, {}) == 500);
  CHECK(affordable_reply_tokens(500, 1000, 1200, {}, {}) == 200);
  CHECK(affordable_reply_tokens(500, 1000, 900, {}, {}) < 0);
  // 1000 tokens of prompt at the dearer 2.5 cost 0.0025 USD; what is left pays for output at 10.
  CHECK(affordable_reply_tokens(500, 1000, {}, 0.004501, price) == 200);
  CHECK(affordable_reply_tokens(500, 1000, {}, 0.001, price) < 0);
  CHECK(affordable_reply_tokens(500, 1000, 1100, 0.004501, price) == 100);
  CHECK(affordable_reply_tokens(500, 1000, {}, 0.0, token_price{0, 0, {}, {}}) == 500);
}
