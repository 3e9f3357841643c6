// SPDX-License-Identifier: MIT
#include "actors/logic/experiment_plan.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace ratchet;

namespace {

run_sample value(double v) {
  run_sample sample;
  sample.metric_value = v;
  sample.duration_s = 1;
  return sample;
}

/// Feeds candidate and incumbent values in turn as the plan asks for them; 'c' and 'i' in order.
std::string feed(experiment_plan& plan, std::vector<double> candidate,
                 std::vector<double> incumbent) {
  std::string order;
  std::size_t c = 0, i = 0;
  while (plan.next() != plan_step::done) {
    bool is_candidate = plan.next() == plan_step::run_candidate;
    order += is_candidate ? 'c' : 'i';
    auto& values = is_candidate ? candidate : incumbent;
    auto& at = is_candidate ? c : i;
    if (at == values.size()) return order + "?";
    plan.record(value(values[at++]));
  }
  return order;
}

plan_settings settings(int repeats, std::optional<double> best) {
  plan_settings s;
  s.repeats = repeats;
  s.best = best;
  return s;
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
  CHECK(plan.result().reason.find("screening") != std::string::npos);
}

TEST_CASE("pairs are interleaved and five consistent ones are enough at 0.05") {
  experiment_plan plan(settings(5, 3));
  CHECK(feed(plan, {9, 5, 5.1, 5.2, 4.9, 5}, {3, 3.1, 3.2, 2.9, 3}) == "cicciicciic");
  auto result = plan.result();
  CHECK(result.improved);
  CHECK(result.p_value == 1.0 / 32);
  CHECK(result.metric_value == 5);  // the screening's 9 is not among them
  CHECK(result.incumbent_median == 3);
  CHECK(result.samples.size() == 11);
  CHECK(result.samples[1].incumbent);
  CHECK(!result.samples[2].incumbent);
  REQUIRE(result.spread.has_value());
  CHECK(*result.spread == doctest::Approx(0.114018));
}

TEST_CASE("the plan stops as soon as the pairs cannot show an improvement any more") {
  experiment_plan plan(settings(5, 3));
  CHECK(feed(plan, {4, 3}, {4}) == "cic");
  CHECK(!plan.result().improved);
  CHECK(plan.result().p_value == 1);
  experiment_plan hopeless(settings(4, 3));  // 1/16 > 0.05
  CHECK(feed(hopeless, {4}, {}) == "c");
  CHECK(hopeless.result().reason.find("it takes 5") != std::string::npos);
  plan_settings s = settings(8, 3);
  s.min_delta = 10;
  experiment_plan small(s);
  CHECK(feed(small, {14, 4, 4, 4, 4, 4}, {3, 3, 3, 3, 3}) == "cicciicciic");
  CHECK(small.result().reason.find("min_delta") != std::string::npos);
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

TEST_CASE("a run that fails ends the plan with its error") {
  experiment_plan plan(settings(5, 3));
  plan.record(value(4));
  CHECK(plan.next() == plan_step::run_incumbent);
  plan.record(value(3));
  plan.record({}, "exit code 1");
  CHECK(plan.next() == plan_step::done);
  CHECK(plan.result().error == "exit code 1");
  CHECK(!plan.result().metric_value);
  CHECK(!plan.result().improved);

  experiment_plan silent(settings(1, 3));
  silent.record({});
  CHECK(silent.result().error == "the run printed no metric");

  experiment_plan incumbent(settings(5, 3));
  incumbent.record(value(4));
  incumbent.record({}, "timed out");
  REQUIRE(incumbent.result().error.has_value());
  CHECK(incumbent.result().error->find("best code so far") != std::string::npos);

  experiment_plan infinite(settings(1, 3));
  infinite.record(value(std::numeric_limits<double>::infinity()));
  CHECK(infinite.result().error.has_value());
}

TEST_CASE("an early stop never gives up on what the full plan would have kept") {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0.8, 1);
  int kept = 0;
  for (int round = 0; round < 2000; ++round) {
    const int k = 5 + static_cast<int>(random() % 6);
    std::vector<double> candidate{100}, incumbent, differences;
    for (int i = 0; i < k; ++i) {
      candidate.push_back(10 + noise(random));
      incumbent.push_back(10);
      differences.push_back(candidate.back() - 10);
    }
    experiment_plan plan(settings(k, 9));
    feed(plan, candidate, incumbent);
    std::sort(differences.begin(), differences.end());
    // The full plan: the exact test by brute force.
    double total = 0;
    for (double d : differences) total += d;
    int as_great = 0;
    for (int signs = 0; signs < (1 << k); ++signs) {
      double sum = 0;
      for (int i = 0; i < k; ++i)
        sum += (signs >> i & 1) != 0 ? std::abs(differences[i]) : -std::abs(differences[i]);
      as_great += sum >= total - 1e-9 ? 1 : 0;
    }
    double mid = k % 2 ? differences[k / 2] : (differences[k / 2 - 1] + differences[k / 2]) / 2;
    bool full = as_great <= 0.05 * (1 << k) && mid > 0;
    REQUIRE(plan.result().improved == full);
    kept += full ? 1 : 0;
  }
  CHECK(kept > 200);
  CHECK(kept < 1900);
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
  CHECK(plan.next() == plan_step::done);
  CHECK(plan.result().error->find("best code so far") != std::string::npos);
}
