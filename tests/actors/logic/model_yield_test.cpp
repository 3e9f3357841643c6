// SPDX-License-Identifier: MIT
#include "actors/logic/model_yield.hpp"

#include <doctest/doctest.h>

#include "tests/support/expected_printing.hpp"

using namespace ratchet;

namespace {

iteration_record row_of(const std::string& decision, std::optional<double> before = {},
                        std::optional<double> after = {}) {
  iteration_record row;
  row.decision = decision;
  row.result = run_result{.metric_value = after, .best_metric = before};
  return row;
}

iteration_record by(const std::string& model, iteration_record row,
                    std::optional<double> usd = 0.5) {
  row.candidate.usage = edit_usage{model, 2, 900, 100, usd, 1000, usd};
  return row;
}

}  // namespace

TEST_CASE("halving a time and doubling a rate are the same gain") {
  CHECK(relative_gain(row_of("kept", 10, 5)) == 0.5);
  CHECK(relative_gain(row_of("kept", 5, 10)) == 0.5);
  CHECK(relative_gain(row_of("kept", -4, -2)) == 0.5);
  CHECK(relative_gain(row_of("kept", 0.8, 0.82)) == doctest::Approx(0.02 / 0.82));
}

TEST_CASE("what was not kept has gained nothing, whatever it measured") {
  for (const char* decision : {"reverted", "rejected_by_gate", "edit_failed", "build_failed", ""})
    CHECK(relative_gain(row_of(decision, 10, 5)) == 0);
  iteration_record unmeasured;
  unmeasured.decision = "kept";
  CHECK(relative_gain(unmeasured) == 0);
}

TEST_CASE("a gain by pairs counts as the pairs tell it, beside the incumbent of those runs") {
  auto row = row_of("kept", 11, 8);
  row.result->incumbent_median = 10;
  row.result->gain = 1.5;
  CHECK(relative_gain(row) == 0.15);
}

TEST_CASE("a gain from nothing, or over all bounds, is finite") {
  CHECK(relative_gain(row_of("kept", 0, 3)) == 1);
  CHECK(relative_gain(row_of("kept", {}, 3)) == 1);
  CHECK(relative_gain(row_of("kept", 0, 0)) == 0);
  CHECK(relative_gain(row_of("kept", -1e308, 1e308)) == 2);
}

TEST_CASE("each model has what its iterations came to, and what nobody has written is nobody's") {
  auto yields = yields_of({row_of("baseline", {}, 10), by("m2", row_of("edit_failed")),
                           by("m1", row_of("kept", 10, 5)), by("m2", row_of("reverted", 5, 7)),
                           by("m1", row_of("build_failed")), row_of("kept", 5, 1)});
  REQUIRE(yields.size() == 2);
  CHECK(yields[0].model == "m2");
  CHECK(yields[0].asked == 2);
  CHECK(yields[0].applied == 1);
  CHECK(yields[0].kept == 0);
  CHECK(yields[1].asked == 2);
  CHECK(yields[1].applied == 2);
  CHECK(yields[1].kept == 1);
  CHECK(yields[1].gain == 0.5);
  CHECK(yields[1].calls == 4);
  CHECK(yields[1].counted_tokens == 2000);
  CHECK(yields[1].counted_cost_usd == 1.0);
  CHECK(gain_per_usd(yields[1]) == 0.5);
  CHECK(gain_per_million_tokens(yields[1]) == 250.0);
}

TEST_CASE("without a price there is no cost and nothing per cost") {
  auto yields = yields_of({by("m", row_of("kept", 10, 5), {}), by("m", row_of("kept", 5, 4))});
  REQUIRE(yields.size() == 1);
  CHECK_FALSE(yields[0].counted_cost_usd);
  CHECK_FALSE(gain_per_usd(yields[0]));
  CHECK(gain_per_million_tokens(yields[0]));
}
