// SPDX-License-Identifier: MIT
#include "actors/logic/told_result.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "actors/logic/candidate_plan.hpp"

using namespace ratchet;

namespace {

session_settings some_settings(int pairs) {
  session_settings s;
  s.repeats.pairs = pairs;
  s.guard_metrics = {{.name = "size"}};
  s.collect_paths = {"profile"};
  return s;
}

run_experiment asked(int pairs = 1) {
  run_experiment m;
  m.settings = some_settings(pairs);
  m.iteration = 3;
  m.best_metric = 10;
  return m;
}

run_result told(std::optional<double> metric, bool improved) {
  run_result r;
  r.metric_value = metric;
  r.improved = improved;
  return r;
}

/// As an honest worker measures it: candidate and incumbent give these values, again and again.
run_result measured(const run_experiment& m, double candidate, double incumbent) {
  const auto planned = plan_of(m, "class");
  experiment_plan plan(planned);
  while (plan.next() != plan_step::done) {
    const bool best = plan.next() == plan_step::run_incumbent;
    plan.record({best ? incumbent : candidate, 0.1, best, ""});
  }
  run_result r;
  r.machine = "class";
  take_verdict(r, plan.result(), planned, m);
  return r;
}

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double without_end = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("what is no finite number is no metric, and improves nothing") {
  for (double value : {no_number, without_end, -without_end}) {
    const auto r = believed(told(value, true), asked(), "class");
    CHECK_FALSE(r.metric_value);
    CHECK_FALSE(r.improved);
    CHECK(r.error == "the metric is no finite number");
  }
  CHECK_FALSE(believed(told(std::nullopt, true), asked(), "class").improved);
  auto crashed = told(99, true);
  crashed.error = "exit code 1";
  CHECK_FALSE(believed(crashed, asked(), "class").improved);
  CHECK_FALSE(believed(crashed, asked(), "class").metric_value);
}

TEST_CASE("whether a candidate is better the node finds itself") {
  CHECK(believed(told(11, true), asked(), "class").improved);
  CHECK(believed(told(11, false), asked(), "class").improved);
  for (double no_better : {10.0, 9.0}) {
    const auto r = believed(told(no_better, true), asked(), "class");
    CHECK_FALSE(r.improved);
    CHECK(!r.reason.empty());
  }
  auto strict = asked();
  strict.settings = [] {
    auto s = some_settings(1);
    s.min_delta = 5;
    return s;
  }();
  CHECK_FALSE(believed(told(14, true), strict, "class").improved);
}

TEST_CASE("what an honest worker measured in pairs is believed as it is") {
  for (double candidate : {9.0, 10.0, 12.0}) {
    CAPTURE(candidate);
    const auto m = asked(5);
    const auto honest = measured(m, candidate, 10);
    const auto r = believed(honest, m, "class");
    CHECK(r.improved == (candidate > 10));
    CHECK(r.improved == honest.improved);
    CHECK(r.metric_value == honest.metric_value);
    CHECK(r.gain == honest.gain);
    CHECK(r.p_value == honest.p_value);
    CHECK(r.reason == honest.reason);
    CHECK(r.samples.size() == honest.samples.size());
  }
}

TEST_CASE("pairs that do not show it, or are not there, improve nothing by a worker's word") {
  const auto m = asked(5);
  auto lying = measured(m, 9, 10);
  lying.improved = true;
  lying.metric_value = 1e12;
  lying.p_value = 0;
  CHECK_FALSE(believed(lying, m, "class").improved);
  CHECK(believed(lying, m, "class").metric_value == 9.0);
  // Runs that are not those of the plan: its word and its metric have to say it both.
  CHECK_FALSE(believed(told(9, true), m, "class").improved);
  CHECK_FALSE(believed(told(12, false), m, "class").improved);
  CHECK(believed(told(12, true), m, "class").improved);
}

TEST_CASE("on another class of machine the best is that class's") {
  auto m = asked();
  m.home_class = "other";
  m.class_best["class"] = 20;
  CHECK_FALSE(believed(told(15, true), m, "class").improved);
  CHECK(believed(told(21, true), m, "class").improved);
  m.class_best.clear();  // it is measured there first
  auto first = told(15, true);
  first.incumbent_metric = 20;
  CHECK_FALSE(believed(first, m, "class").improved);
  first.incumbent_metric = 14;
  CHECK(believed(first, m, "class").improved);
}

TEST_CASE("texts are cut to what is promised, and say nothing to a terminal") {
  auto r = told(11, true);
  const std::string flood = "\033[31mred\033[0m " + std::string(16 << 20, 'x');
  r.output_tail = r.output_head = r.reason = r.metric_source = r.metric_unit = r.isolation = flood;
  r.error = flood;
  r.warnings.assign(1'000, flood.substr(0, 10'000));
  r.guards = {{"size", no_number}, {"other", 1}};
  r.guard_units = {{"size", flood}, {"other", "s"}};
  r.collected = {{"profile", flood}, {"secret", "x"}};
  r.samples.assign(100'000, {no_number, -1, false, flood.substr(0, 1'000)});
  r.output_bytes = -5;
  r.wall_s = no_number;
  r = believed(r, asked(), "class");
  CHECK(r.output_tail.size() <= 5'000);
  CHECK(r.output_head.size() <= 5'000);
  CHECK(r.error->size() <= 4'096);
  CHECK(r.reason.size() <= 1'000);
  CHECK(r.warnings.size() == 20);
  CHECK(r.guards.empty());
  CHECK(r.guard_units.size() == 1);
  CHECK(r.collected.size() == 1);
  CHECK(r.collected["profile"].size() <= (16 << 10) + 32);
  CHECK(r.samples.size() <= 20);
  CHECK_FALSE(r.wall_s);
  CHECK(r.output_bytes == 0);
  const auto stored = json(r).dump();
  CHECK(stored.find("\\u001b") == std::string::npos);
  CHECK(stored.size() < 200'000);
}

TEST_CASE("a comparison's numbers are finite, or none") {
  comparison c;
  c.gain_percent = no_number;
  c.baseline_median = 1;
  c.pairs = -1;
  c.error = std::string(10'000, 'x');
  c = believed(c);
  CHECK_FALSE(c.gain_percent);
  CHECK(c.baseline_median == 1.0);
  CHECK(c.pairs == 0);
  CHECK(c.error.size() <= 4'096);
}
