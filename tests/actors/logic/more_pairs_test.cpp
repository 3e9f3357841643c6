// SPDX-License-Identifier: MIT
//
// A plan that goes on with the pairs that a candidate has had.
#include <doctest/doctest.h>

#include "tests/actors/logic/plan_feeding.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

/// As a result stores them: one that screened, then pairs in their order.
std::vector<run_sample> earlier_runs(std::vector<std::pair<double, double>> pairs) {
  std::vector<run_sample> runs{value(12)};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto candidate = value(pairs[i].first), best = value(pairs[i].second);
    best.incumbent = true;
    for (const auto& run : i % 2 == 0 ? std::vector{candidate, best} : std::vector{best, candidate})
      runs.push_back(run);
  }
  return runs;
}

plan_settings continued(int more, std::vector<std::pair<double, double>> pairs) {
  auto s = noisy();
  s.more_pairs = more;
  s.earlier = earlier_runs(std::move(pairs));
  return s;
}

}  // namespace

TEST_CASE("more pairs go on from those before, and all are judged together") {
  experiment_plan plan(continued(3, {{11, 10}, {9.9, 10}, {11, 10}}));
  CHECK(feed(plan, {11, 11, 11}, {10, 10, 10}) == "icciic");
  CHECK(plan.result().improved);
  CHECK(plan.result().samples.size() == 13);
  CHECK(*plan.result().p_value < 0.125);
  CHECK(*plan.result().gain == doctest::Approx(1));
  CHECK(*plan.result().metric_value == doctest::Approx(11));
}

TEST_CASE("more pairs are not ended early, and may show that it was nothing") {
  experiment_plan plan(continued(4, {{11, 10}, {9.9, 10}, {11, 10}}));
  CHECK(feed(plan, {8, 8, 8, 8}, {10, 10, 10, 10}).size() == 8);
  CHECK_FALSE(plan.result().improved);
  CHECK(plan.result().reason.find("in the median of 7 pairs") != std::string::npos);
}

TEST_CASE("a candidate that one run let go can be given its pairs") {
  auto s = continued(3, {});
  experiment_plan plan(s);
  CHECK(feed(plan, {11, 11, 11}, {10, 10, 10}) == "ciicci");
  CHECK(plan.result().improved);
}

TEST_CASE("of more pairs a run without its partner does not count") {
  auto s = continued(3, {{11, 10}});
  s.earlier.push_back(value(99));
  experiment_plan plan(s);
  CHECK(feed(plan, {11, 11, 11}, {10, 10, 10}) == "icciic");
  CHECK(*plan.result().metric_value == doctest::Approx(11));
}

TEST_CASE("a candidate that fails in its further runs has failed") {
  experiment_plan plan(continued(3, {{11, 10}}));
  plan.record(value(10));
  plan.record({}, "exit code 1");
  CHECK(plan.next() == plan_step::done);
  CHECK(plan.result().error == "exit code 1");
}
