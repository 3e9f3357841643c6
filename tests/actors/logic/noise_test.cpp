// SPDX-License-Identifier: MIT
#include "actors/logic/noise.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace ratchet;

TEST_CASE("the spread of few runs is about the standard deviation of one") {
  std::mt19937_64 random(5);
  std::normal_distribution<double> gauss(100, 2);
  for (int n : {2, 3, 5, 20}) {
    double sum = 0;
    for (int round = 0; round < 4000; ++round) {
      std::vector<double> values;
      for (int i = 0; i < n; ++i) values.push_back(gauss(random));
      sum += spread_of(values) / 4000;
    }
    CHECK(sum > 1.6);
    CHECK(sum < 2.4);
  }
}

TEST_CASE("one wild run does not make the spread") {
  CHECK(spread_of({10, 11, 9, 10.5, 500}) < 3);
  CHECK(spread_of({}) == 0);
  CHECK(spread_of({4}) == 0);
  CHECK(spread_of({4, 4, 4}) == 0);
  CHECK(spread_of({4, 4, 4, 4, 4, 4, 5}) > 0);  // most are equal, and yet it is not deterministic
}

TEST_CASE("the spread follows the best code's own runs once there are some") {
  const auto noise = noise_of({10, 12});
  CHECK(current_spread(noise, {5}) == noise.spread);
  CHECK(*current_spread(noise, {5, 5.1, 4.9, 5, 5.1, 4.9}) < 0.2);
  CHECK(!current_spread(noise_of({10}), {1, 2, 3, 4, 5, 6}));
}

TEST_CASE("auto decides by one run where the metric never differs, else by pairs") {
  session_settings s;
  CHECK(deciding_pairs(s, noise_of({10, 10})) == 1);
  CHECK(deciding_pairs(s, noise_of({10, 10.1})) == 3);
  CHECK(deciding_pairs(s, noise_of({10})) == 1);  // unknown: there was no time for a second run
  s.significance = 0.05;
  CHECK(deciding_pairs(s, noise_of({10, 10.1})) == 5);
  s.repeats = 1;
  CHECK(deciding_pairs(s, noise_of({10, 10.1})) == 1);
  s.repeats = 8;
  CHECK(deciding_pairs(s, noise_of({10, 10})) == 8);
}

TEST_CASE("the best is run again while its runs are few, off or old") {
  session_settings s;
  const auto noise = noise_of({10, 11, 9, 10.5, 9.5});
  const std::vector<double> six{10, 11, 9, 10.5, 9.5, 10};
  CHECK(best_is_due(s, noise, {10, 11}, 3));
  CHECK(!best_is_due(s, noise, six, 3));
  CHECK(best_is_due(s, noise, six, 16));
  CHECK(!best_is_due(s, noise, {10, 11, 9, 10.5, 9.5, 30}, 3));  // one wild run is no evidence
  CHECK(best_is_due(s, noise, {10, 11, 9, 10.5, 9.5, 10, 30, 30}, 3));
  CHECK(!best_is_due(s, noise, {}, 3));
  s.repeats = 1;
  CHECK(!best_is_due(s, noise, {10}, 8));
}

TEST_CASE("a metric that never differed is looked at again more and more seldom") {
  session_settings s;
  std::vector<int> due;
  for (int i = 1; i <= 200; ++i)
    if (best_is_due(s, noise_of({10, 10}), {10, 10}, i)) due.push_back(i);
  CHECK(due == std::vector<int>{8, 16, 32, 64, 128});
  s.repeats = 5;
  CHECK(!best_is_due(s, noise_of({10, 10}), {10, 10}, 8));
}

TEST_CASE("what the noise means is said in one sentence") {
  session_settings s;
  CHECK(noise_advice(noise_of({8.5, 8.5}), s, "") ==
        "two runs of the same code gave the same value: one run decides");
  CHECK(
      noise_advice(noise_of({8.4, 8.5, 8.6}), s, "ms") ==
      "three runs of the same code differ by about 1.39 % (0.118 ms): a gain below 0.236 ms takes "
      "several pairs of runs to see");
  s.repeats = 1;
  CHECK(noise_advice(noise_of({8.4, 8.6}), s, "").find("with repeats 1 a gain below") !=
        std::string::npos);
  CHECK(noise_advice(noise_of({8.4}), s, "").find("measured once") != std::string::npos);
  CHECK(noise_advice({}, s, "").empty());
}

TEST_CASE("an amount has about three digits and its unit") {
  CHECK(amount(1.98 - 0.78) == "1.2");
  CHECK(amount(0.0123456, "s") == "0.0123 s");
  CHECK(amount(123456) == "123000");
  CHECK(amount(0) == "0");
}
