// SPDX-License-Identifier: MIT
#include "actors/logic/experiment_plan.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <memory>

#include "tests/actors/logic/plan_feeding.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

std::string reason_of(plan_settings s, std::vector<double> candidate,
                      std::vector<double> incumbent) {
  experiment_plan plan(s);
  feed(plan, std::move(candidate), std::move(incumbent));
  CHECK(plan.next() == plan_step::done);
  CHECK(!plan.result().improved);
  return plan.result().reason;
}

}  // namespace

TEST_CASE("one run improves when it is strictly better by more than min_delta") {
  auto improved = [](double run, double best, double min_delta, metric_direction direction) {
    plan_settings s = settings(1, best);
    s.min_delta = min_delta;
    s.direction = direction;
    experiment_plan plan(s);
    CHECK(plan.next() == plan_step::run_candidate);
    plan.record(value(run));
    CHECK(plan.next() == plan_step::done);
    CHECK(plan.result().metric_value == run);
    CHECK(plan.result().samples.empty());
    CHECK(plan.result().reason.empty() == plan.result().improved);
    return plan.result().improved;
  };
  auto higher = metric_direction::higher_is_better, lower = metric_direction::lower_is_better;
  CHECK(improved(2, 1, 0, higher));
  CHECK(!improved(1, 1, 0, higher));
  CHECK(!improved(1, 2, 0, higher));
  CHECK(improved(1, 2, 0, lower));
  CHECK(!improved(2, 2, 0, lower));
  CHECK(!improved(2, 1, 1, higher));
  CHECK(improved(2.5, 1, 1, higher));
  CHECK(!improved(1, 2, 1, lower));
}

TEST_CASE("without a best only allow_missing_baseline lets a run improve") {
  for (int repeats : {1, 5}) {
    plan_settings s = settings(repeats, std::nullopt);
    experiment_plan strict(s);
    CHECK(feed(strict, {1}, {}) == "c");
    CHECK(!strict.result().improved);
    s.allow_missing_baseline = true;
    experiment_plan lenient(s);
    CHECK(feed(lenient, {1}, {}) == "c");
    CHECK(lenient.result().improved);
    CHECK(lenient.result().metric_value == 1);
  }
}

TEST_CASE("a screening run that is not better ends the plan") {
  experiment_plan plan(settings(5, 3));
  CHECK(feed(plan, {3}, {}) == "c");
  CHECK(!plan.result().improved);
  CHECK(plan.result().metric_value == 3);
  CHECK(plan.result().samples.size() == 1);
  CHECK(plan.result().reason == "the same as the best, 3: not confirmed by pairs");
}

TEST_CASE("pairs are interleaved and five consistent ones are enough at 0.05") {
  auto s = settings(5, 3);
  s.significance = 0.05;
  experiment_plan plan(s);
  CHECK(feed(plan, {9, 5, 5.1, 5.2, 4.9, 5}, {3, 3.1, 3.2, 2.9, 3}) == "cciicciicci");
  auto result = plan.result();
  CHECK(result.improved);
  CHECK(result.p_value == 1.0 / 32);
  CHECK(result.metric_value == 5);  // the screening's 9 is not among them
  CHECK(result.incumbent_median == 3);
  CHECK(*result.gain == doctest::Approx(2));
  CHECK(result.samples.size() == 11);
  CHECK(result.samples[2].incumbent);
  CHECK(!result.samples[1].incumbent);
  REQUIRE(result.spread.has_value());
  CHECK(*result.spread == doctest::Approx(0.114018));
}

TEST_CASE("three pairs of one sign are enough at 0.125") {
  experiment_plan plan(noisy());
  CHECK(feed(plan, {12, 12, 13, 12.5}, {10, 10.5, 9.5}) == "cciicci");
  CHECK(plan.result().improved);
  CHECK(plan.result().p_value == 0.125);
  CHECK(*plan.result().gain == doctest::Approx(2.5));
  CHECK(plan.result().warnings.empty());
}

TEST_CASE("one wild pair does not decide, in either direction") {
  // Three good pairs and a wild bad one: more are made while it is open.
  experiment_plan unlucky(noisy());
  CHECK(feed(unlucky, {12, 12, 12.5, 12, 13, 12, 12}, {10, 60, 10, 10, 9.5, 10}) ==
        "cciicciicciic");
  CHECK(unlucky.result().improved);
  CHECK(*unlucky.result().p_value < 0.125);
  // A candidate's wild bad run is no evidence against it either.
  experiment_plan spiked(noisy());
  feed(spiked, {12, -40, 12.5, 12, 13, 12, 12}, {10, 10, 10, 10, 9.5, 10});
  CHECK(spiked.result().improved);
  // A wild good one among pairs that show nothing.
  experiment_plan lucky(noisy());
  feed(lucky, {12, 60, 9.9, 10.1, 10, 9.8, 10, 10}, {10, 10, 10, 10, 10, 10, 10});
  CHECK(!lucky.result().improved);
}

TEST_CASE("pairs go on while it is open, and no further than their cap") {
  experiment_plan plan(noisy());
  feed(plan, {12, 12, 11, 12, 11, 12, 11, 12, 11}, {10, 11.5, 10, 11.5, 10, 11.5, 10, 11.5});
  CHECK(plan.result().samples.size() <= 1 + 2 * 8);
  CHECK(most_pairs(3) == 8);
  CHECK(most_pairs(5) == 10);
  CHECK(most_pairs(20) == 30);
}

TEST_CASE("the best is its pooled median, not its luckiest run") {
  // Screened out against 14, the luckiest; not against the median, 10.
  experiment_plan plan(noisy({10, 14, 9, 10.5, 9.5, 10}));
  CHECK(feed(plan, {12, 12, 13, 12.5}, {10, 10.5, 9.5}) == "cciicci");
  CHECK(plan.result().improved);
}

TEST_CASE("a record that is few or old is judged beside a fresh run of the best") {
  auto s = noisy({10});
  s.incumbent_due = true;
  experiment_plan plan(s);
  CHECK(feed(plan, {9}, {10.4}) == "ic");
  CHECK(plan.result().incumbent_median == 10.4);
  CHECK(plan.result().samples.size() == 2);
  // The machine has become slower: the candidate is not to blame.
  auto slow = noisy();
  slow.incumbent_due = true;
  experiment_plan drifted(slow);
  CHECK(feed(drifted, {6, 6, 6.5, 6}, {4, 4, 4, 4}) == "icciicci");
  CHECK(drifted.result().improved);
  REQUIRE(drifted.result().warnings.size() == 1);
  CHECK(drifted.result().warnings[0] ==
        "the best code so far measures 4 now, its record is 10 ± 1: the machine may have changed");
}

TEST_CASE("a candidate that lost is told why, with the numbers") {
  auto lower = noisy({0.78, 0.8, 0.76, 0.78, 0.78, 0.78});
  lower.direction = metric_direction::lower_is_better;
  lower.best = 0.78;
  lower.spread = 0.1;
  lower.unit = "ms";
  CHECK(
      reason_of(lower, {1.98}, {}) ==
      "worse than the best by 1.2 ms (1.98 against 0.78), more than the spread of one run, 0.1 ms: "
      "not confirmed by pairs");
  CHECK(reason_of(noisy(), {12, 9}, {}) ==
        "run again, it is worse than the best by 1 (9 against 10)");
  CHECK(reason_of(noisy(), {12, 12, 12, 9, 9}, {10, 13, 8, 8}) ==
        "run again, it is worse than the best by 1 (9 against 10) in 2 of 4 runs");
  auto small = noisy();
  small.min_delta = 5;
  CHECK(reason_of(small, {14, 14, 14}, {10, 10}) ==
        "better by 4 in the median of 2 pairs, which is not more than min_delta 5");
  CHECK(reason_of(noisy(), {12, 12, 12, 12}, {13, 11, 13}) ==
        "worse than the best by 1 in the median of 3 pairs (12 against 13)");
  CHECK(reason_of(noisy(), {13, 12, 12, 12, 12, 12, 12, 12, 12},
                  {11, 11, 13, 11, 13, 11, 13, 11}) == "p = 0.5 after 7 pairs, 0.125 needed");
  auto one = settings(1, 3);
  one.min_delta = 0.05;
  CHECK(reason_of(one, {3.01}, {}) == "better by 0.01, which is not more than min_delta 0.05");
  CHECK(reason_of(one, {2}, {}) == "worse than the best by 1 (2 against 3)");
}

TEST_CASE("a metric that never differed and now does is decided by pairs") {
  auto s = settings(1, 10);
  s.best_values = {10, 10};
  s.spread = 0;
  s.incumbent_due = true;
  experiment_plan same(s);
  CHECK(feed(same, {11}, {10}) == "ic");
  CHECK(same.result().improved);
  CHECK(same.result().warnings.empty());
  experiment_plan differs(s);
  CHECK(feed(differs, {11, 9.5}, {10.5}) == "icc");
  CHECK(!differs.result().improved);
  REQUIRE(differs.result().warnings.size() == 1);
  CHECK(differs.result().warnings[0].find("gives 10.5 now and gave 10 before") !=
        std::string::npos);
}

TEST_CASE("a failed run of the best is made once more and called flaky") {
  auto with = [](int failures) {
    auto plan = std::make_unique<experiment_plan>(noisy());
    plan->record(value(12));
    plan->record(value(12));
    for (int i = 0; i < failures; ++i) {
      CHECK(plan->next() == plan_step::run_incumbent);
      plan->record({}, "exit code 1");
    }
    return plan;
  };
  auto once = with(1);
  CHECK(feed(*once, {13, 12.5}, {10, 10.5, 9.5}) == "iicci");
  CHECK(once->result().improved);
  CHECK(once->result().samples.size() == 8);
  CHECK(once->result().samples[2].failed == "exit code 1");
  REQUIRE(once->result().warnings.size() == 1);
  CHECK(once->result().warnings[0] ==
        "flaky: the best code so far, run again, failed once (exit code 1)");
  auto twice = with(2);
  REQUIRE(twice->result().error);
  CHECK(*twice->result().error ==
        "the best code so far, run again beside the candidate, failed twice: exit code 1");
}

TEST_CASE("the baseline is run until two are equal or its limits are reached") {
  auto runs = [](std::vector<double> values, baseline_limits limits, double duration_s = 1) {
    plan_settings s;
    s.baseline = limits;
    experiment_plan plan(s);
    std::size_t n = 0;
    while (plan.next() == plan_step::run_candidate && n < values.size()) {
      auto sample = value(values[n++]);
      sample.duration_s = duration_s;
      plan.record(sample);
    }
    CHECK(plan.next() == plan_step::done);
    CHECK(plan.result().metric_value);
    return plan.result().noise;
  };
  const std::vector<double> differ{10, 12, 11, 11.5, 10.5, 10, 11};
  CHECK(runs({10, 10}, {50, 0, 0}).deterministic());
  CHECK(runs(differ, {50, 0, 0}).values.size() == 5);
  CHECK(*runs(differ, {50, 0, 0}).spread == doctest::Approx(1.05).epsilon(0.05));
  CHECK(runs(differ, {20, 0, 0}).values.size() == 2);
  CHECK(runs(differ, {50, 0, 1}).values.size() == 2);
  CHECK(runs(differ, {50, 0, 0}, 3600).values.size() == 2);
  CHECK(runs(differ, {50, 300, 0}, 10).values.size() == 3);
  CHECK(!runs(differ, {50, 100, 0}, 10).known());
}

TEST_CASE("a baseline that worked and then fails is run once more") {
  plan_settings s;
  s.baseline = baseline_limits{};
  experiment_plan first(s);
  first.record({}, "exit code 1");
  CHECK(first.result().error == "exit code 1");
  experiment_plan flaky(s);
  flaky.record(value(10));
  flaky.record({}, "exit code 1");
  flaky.record(value(10));
  CHECK(flaky.next() == plan_step::done);
  CHECK(flaky.result().metric_value == 10);
  CHECK(flaky.result().warnings.at(0) ==
        "flaky: the baseline, run again, failed once (exit code 1)");
  experiment_plan broken(s);
  broken.record(value(10));
  broken.record({}, "exit code 1");
  broken.record({}, "exit code 1");
  REQUIRE(broken.result().error);
  CHECK(broken.result().error->find("failed twice: exit code 1") != std::string::npos);
}

TEST_CASE("lower is better works with pairs and min_delta too") {
  plan_settings s = settings(5, 3);
  s.direction = metric_direction::lower_is_better;
  s.min_delta = 0.5;
  experiment_plan good(s);
  feed(good, {1, 2, 2, 2, 2, 2}, {3, 3, 3, 3, 3});
  CHECK(good.result().improved);
  experiment_plan small(s);
  feed(small, {1, 2.8, 2.8, 2.8, 2.8, 2.8}, {3, 3, 3, 3, 3});
  CHECK(!small.result().improved);
}

TEST_CASE("a run of the candidate that fails ends the plan with its error") {
  experiment_plan plan(settings(5, 3));
  plan.record(value(4));
  plan.record({}, "exit code 1");
  CHECK(plan.next() == plan_step::done);
  CHECK(plan.result().error == "exit code 1");
  CHECK(!plan.result().metric_value);
  CHECK(!plan.result().improved);

  experiment_plan silent(settings(1, 3));
  silent.record({});
  CHECK(silent.result().error == "the run printed no metric");

  experiment_plan infinite(settings(1, 3));
  infinite.record(value(std::numeric_limits<double>::infinity()));
  CHECK(infinite.result().error.has_value());
}

TEST_CASE("where the incumbent's metric is not known it is measured first, and is what to beat") {
  auto s = settings(1, 1000.0);  // of another class of machine: counts for nothing here
  s.incumbent_first = true;
  experiment_plan better(s);
  CHECK(feed(better, {12}, {10}) == "ic");
  CHECK(better.result().improved);
  CHECK(better.result().incumbent_first == 10.0);
  experiment_plan worse(s);
  CHECK(feed(worse, {9}, {10}) == "ic");
  CHECK(!worse.result().improved);
}

TEST_CASE("an incumbent that fails where it is measured first ends the plan and says so") {
  auto s = settings(1, 1.0);
  s.incumbent_first = true;
  experiment_plan plan(s);
  plan.record(value(0), "exit code 1");
  plan.record(value(0), "exit code 1");
  CHECK(plan.next() == plan_step::done);
  CHECK(plan.result().error->find("best code so far") != std::string::npos);
}
