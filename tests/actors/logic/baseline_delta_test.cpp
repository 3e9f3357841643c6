// SPDX-License-Identifier: MIT
#include "actors/logic/baseline_delta.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace ratchet {
namespace {

constexpr auto higher = metric_direction::higher_is_better;
constexpr auto lower = metric_direction::lower_is_better;

guard_metric guard(metric_direction direction, double allowed = 0.05) {
  return {"latency_ms", "", metric_pick::last, direction, allowed};
}
gate_verdict judge(const guard_metric& g, double before, double now) {
  snapshot s;
  s.metrics["latency_ms"] = before;
  return baseline_delta({g}, {{"latency_ms", now}}, s);
}

TEST_CASE("a guard that is worse by more than its share is named with both values") {
  auto v = judge(guard(lower), 12, 14.1);
  CHECK(!v.allowed);
  CHECK(v.regressions == std::vector<std::string>{"latency_ms 12 -> 14.1 (+17.5 %, allowed 5 %)"});
  CHECK(v.reason == v.regressions[0]);
  CHECK(v.gate == "baseline_delta");
}

TEST_CASE("the direction says what worse is") {
  CHECK(judge(guard(lower), 100, 80).allowed);
  CHECK(!judge(guard(higher), 100, 80).allowed);
  CHECK(judge(guard(higher), 100, 120).allowed);
  CHECK(!judge(guard(lower), 100, 120).allowed);
  CHECK(!judge(guard(higher), -100, -120).allowed);
  CHECK(judge(guard(higher), -100, -104).allowed);
}

TEST_CASE("exactly the allowed share is allowed, a hair more is not") {
  CHECK(judge(guard(higher), 100, 95).allowed);
  CHECK(judge(guard(higher), 0.3, 0.285).allowed);
  CHECK(!judge(guard(higher), 100, 94.999).allowed);
  CHECK(judge(guard(higher, 0.2), 100, 80).allowed);
  CHECK(!judge(guard(higher, 0), 100, 99.999).allowed);
  CHECK(judge(guard(higher, 0), 100, 100).allowed);
}

TEST_CASE("from zero every worsening is a regression") {
  CHECK(judge(guard(lower), 0, 0).allowed);
  auto v = judge(guard(lower), 0, 0.1);
  CHECK(v.reason == "latency_ms 0 -> 0.1 (worse than 0, allowed 5 %)");
}

TEST_CASE("a guard that was not measured is a regression") {
  snapshot s;
  s.metrics["latency_ms"] = 1;
  auto absent = baseline_delta({guard(lower)}, {}, s);
  CHECK(!absent.allowed);
  CHECK(absent.reason == "guard latency_ms was not measured");
  CHECK(!judge(guard(lower), 1, std::numeric_limits<double>::quiet_NaN()).allowed);
}

TEST_CASE("all regressions are named, in the order of the guards") {
  snapshot s;
  s.metrics = {{"a", 1}, {"b", 1}, {"c", 1}};
  guard_metric a{"a"}, b{"b"}, c{"c"};
  auto v = baseline_delta({c, b, a}, {{"a", 0.5}, {"b", 1}}, s);
  CHECK(v.reason == "guard c was not measured; a 1 -> 0.5 (-50.0 %, allowed 5 %)");
}

TEST_CASE("without a guard there is nothing to compare, and that is enforced") {
  auto none = baseline_delta({}, {}, std::nullopt);
  CHECK(none.allowed);
  CHECK(none.enforced);
  CHECK(baseline_delta({}, {}, snapshot{}).enforced);
}

TEST_CASE("a guard that has nothing to be compared with passes, but is not enforced") {
  auto none = baseline_delta({guard(lower)}, {}, std::nullopt);
  CHECK(none.allowed);
  CHECK(!none.enforced);
  CHECK(none.reason == "there is no baseline to compare with");
  auto unknown = baseline_delta({guard(lower)}, {{"latency_ms", 5}}, snapshot{});
  CHECK(unknown.allowed);
  CHECK(!unknown.enforced);
  CHECK(unknown.reason == "not compared, as the baseline has no value of it: latency_ms");
  snapshot s;
  s.metrics = {{"a", 1}};
  auto refused =
      baseline_delta({guard_metric{"a"}, guard(lower)}, {{"a", 0.5}, {"latency_ms", 5}}, s);
  CHECK(!refused.allowed);
  CHECK(refused.enforced);
}

TEST_CASE("a gate that could not be asked passes unenforced, or refuses when closed") {
  auto error = fail(errc::store_failed, "disk gone");
  auto open = settled("mine", error, gate_error_policy::open);
  CHECK(open.allowed);
  CHECK(!open.enforced);
  CHECK(open.gate == "mine");
  auto closed = settled("mine", error, gate_error_policy::closed);
  CHECK(!closed.allowed);
  CHECK(closed.reason == "could not be asked: disk gone");
}

TEST_CASE("a verdict goes under the name that the gate was given") {
  auto v = settled("mine", gate_verdict{"theirs", false, true, "no"}, gate_error_policy::open);
  CHECK(v.gate == "mine");
  CHECK(!v.allowed);
  CHECK(v.reason == "no");
}

}  // namespace
}  // namespace ratchet
