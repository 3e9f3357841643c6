// SPDX-License-Identifier: MIT
#include "actors/logic/hive_merge.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "actors/logic/delivery_backoff.hpp"

namespace ratchet {
namespace {

hive_vote vote(const std::string& node, const std::string& tool, double rate, double time,
               long long samples, const std::string& task = "autoresearch") {
  return {node, {task, tool, rate, time, samples}};
}

TEST_CASE("a vote weighs the logarithm of its samples, and never less than one") {
  CHECK(vote_weight(0) == 1);
  CHECK(vote_weight(1) == 1);
  CHECK(vote_weight(-5) == 1);
  CHECK(vote_weight(99) == doctest::Approx(std::log(100.0)));
  CHECK(vote_weight(10'000'000) < 17);
}

TEST_CASE("rates and times are means by weight, samples are added up") {
  auto best =
      best_hive_tool({vote("a", "llm", 1.0, 10, 99), vote("b", "llm", 0.0, 40, 5)}, "autoresearch");
  REQUIRE(best);
  const double a = std::log(100.0), b = std::log(6.0);
  CHECK(best->score.success_rate == doctest::Approx(a / (a + b)));
  CHECK(best->score.avg_time_s == doctest::Approx((10 * a + 40 * b) / (a + b)));
  CHECK(best->score.sample_count == 104);
  CHECK(best->nodes == 2);
}

TEST_CASE("the best tool has the greatest rate, then the least time, then the first name") {
  auto names = [](const std::vector<hive_score>& all) {
    std::string out;
    for (const auto& s : all) out += s.score.tool_name + " ";
    return out;
  };
  CHECK(names(merge_votes({vote("n", "d", 0.5, 1, 5), vote("n", "c", 0.5, 1, 5),
                           vote("n", "b", 0.5, 0.5, 5), vote("n", "a", 0.9, 99, 5)},
                          "autoresearch")) == "a b c d ");
}

TEST_CASE("where all runs had a metric, how often candidates were kept decides, not the time") {
  auto quick = vote("a", "quick", 1, 1, 50), good = vote("a", "good", 1, 9, 50);
  quick.score.kept_rate = 0.01;
  good.score.kept_rate = 0.2;
  good.score.gain = 0.03;
  auto older = vote("b", "good", 1, 9, 50);  // a node that does not tell it yet
  const auto best = best_hive_tool({quick, good, older}, "autoresearch");
  REQUIRE(best);
  CHECK(best->score.tool_name == "good");
  CHECK(best->score.kept_rate.value() == doctest::Approx(0.2));
  CHECK(best->score.gain.value() == doctest::Approx(0.03));
  CHECK(best->nodes == 2);
}

TEST_CASE("a node that votes many times for one tool has one vote, the last") {
  std::vector<hive_vote> votes{vote("honest", "mutate", 0.9, 1, 5)};
  for (int i = 0; i < 1000; ++i) votes.push_back(vote("loud", "mutate", 0.1, 1, 5));
  auto best = best_hive_tool(votes, "autoresearch");
  REQUIRE(best);
  CHECK(best->nodes == 2);
  CHECK(best->score.success_rate == doctest::Approx(0.5));
}

TEST_CASE("votes of another kind of task do not count, and without any there is no best tool") {
  CHECK(!best_hive_tool({}, "autoresearch"));
  CHECK(!best_hive_tool({vote("n", "llm", 1, 1, 9, "review")}, "autoresearch"));
}

TEST_CASE("a peer that is not reached is called after 10 s, then twice as long, at most 300 s") {
  const std::int64_t expected[] = {0, 10'000, 20'000, 40'000, 80'000, 160'000, 300'000, 300'000};
  for (int failures = 0; failures < 8; ++failures)
    CHECK(delivery_backoff_ms(failures) == expected[failures]);
  CHECK(delivery_backoff_ms(1'000'000) == 300'000);
}

TEST_CASE("a bucket lets a burst through and then its rate, whatever the clock does") {
  token_bucket bucket(2, 3);
  CHECK(bucket.take(1, 1000));
  CHECK(bucket.take(2, 1000));
  CHECK(!bucket.take(1, 1000));
  CHECK(!bucket.take(1, 0));
  CHECK(!bucket.take(1, 1400));
  CHECK(bucket.take(1, 1500));
  CHECK(!bucket.take(4, 1'000'000));
  CHECK(bucket.take(3, 1'000'000));
}

}  // namespace
}  // namespace ratchet
