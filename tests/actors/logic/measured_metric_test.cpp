// SPDX-License-Identifier: MIT
#include "actors/logic/measured_metric.hpp"

#include <doctest/doctest.h>

namespace ratchet {
namespace {

compiled_metric compiled(const std::string& pattern) {
  auto metric = compile_metric({"score", pattern, metric_pick::last});
  REQUIRE(metric.has_value());
  return *metric;
}

TEST_CASE("each quantity is read from what was measured") {
  const run_usage usage{1.25, 2.5, 34.5, 1e9};
  for (auto [pattern, value, unit] : {std::tuple{"@wall_s", 1.25, "s"},
                                      {"@cpu_s", 2.5, "s"},
                                      {"@max_rss_mb", 34.5, "MB"},
                                      {"@instructions", 1e9, ""}}) {
    auto metric = compiled(pattern);
    auto reading = read_measured(metric, usage);
    CHECK(reading.value == value);
    CHECK(reading.source == "measured");
    CHECK(reading.missing == "");
    CHECK(unit_of_measured(metric) == unit);
  }
}

TEST_CASE("instructions that were not counted are no metric, with a way out") {
  auto reading = read_measured(compiled("@instructions"), {1, 1, 1, {}});
  CHECK_FALSE(reading.value);
  CHECK(reading.missing.find("@cpu_s") != std::string::npos);
}

TEST_CASE("what is printed is not looked at") {
  auto metric = compiled("@wall_s");
  metric_scanner scanner(metric);
  scanner.consume("@wall_s: 0.001\nwall_s: 0.001\nscore: 7\n");
  CHECK_FALSE(scanner.finish().value);
}

TEST_CASE("a quantity that there is not is refused by its nearest name") {
  auto refused = compile_metric({"score", "@cpu", metric_pick::last});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().details["field"] == "metric_pattern");
  CHECK(refused.error().text.find("Did you mean \"@cpu_s\"?") != std::string::npos);
  CHECK_FALSE(compile_metric({"score", "@", metric_pick::last}).has_value());
}

TEST_CASE("a pattern with a group is a pattern, also where it begins with @") {
  CHECK(compiled("@score: (\\S+)").measured == "");
  CHECK(compiled("@score: (\\S+)").pattern);
}

}  // namespace
}  // namespace ratchet
