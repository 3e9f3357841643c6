// SPDX-License-Identifier: MIT
#include "actors/logic/arm_yield.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

iteration_record row(const std::string& arm, const std::string& decision, double before,
                     double after) {
  iteration_record r;
  r.candidate.arm = arm;
  r.decision = decision;
  r.result = run_result{};
  r.result->best_metric = before;
  r.result->metric_value = after;
  return r;
}

}  // namespace

TEST_CASE("each way of asking has what it brought") {
  const auto arms = arms_of({row("next", "kept", 10, 20), row("explore", "reverted", 20, 5),
                             row("next", "edit_failed", 20, 20), row("", "kept", 20, 40)});
  REQUIRE(arms.size() == 2);
  CHECK(arms[0].arm == "next");
  CHECK(arms[0].asked == 2);
  CHECK(arms[0].applied == 1);
  CHECK(arms[0].kept == 1);
  CHECK(arms[0].gain == doctest::Approx(0.5));
  CHECK(arms[1].arm == "explore");
  CHECK(arms[1].kept == 0);
  CHECK(arms_of({}).empty());
}
