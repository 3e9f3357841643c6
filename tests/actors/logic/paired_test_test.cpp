// SPDX-License-Identifier: MIT
#include "actors/logic/paired_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace ratchet;

TEST_CASE("the exact paired test gives the share of sign choices that are as good") {
  CHECK(paired_p_value({}) == 1);
  CHECK(paired_p_value({1}) == 0.5);
  CHECK(paired_p_value({-1}) == 1);
  CHECK(paired_p_value({1, 2, 3, 4, 5}) == 1.0 / 32);
  CHECK(paired_p_value({-1, 2, 3, 4, 5}) == 2.0 / 32);
  CHECK(paired_p_value({1, 1, 1, 1, -1}) == 6.0 / 32);
  CHECK(paired_p_value({1, 1, 1, -0.1}) == 2.0 / 16);
  CHECK(paired_p_value({0, 0, 0}) == 1);
  CHECK(paired_p_value({0, 1, 1, 1, 1}) == 2.0 / 32);  // a zero keeps its place
  CHECK(paired_p_value({1, 2, std::nan("")}) == 1);
  CHECK(paired_p_value({std::numeric_limits<double>::infinity(), 1}) == 1);
}

TEST_CASE("the exact paired test agrees with counting every sign choice") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> d;
    int k = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < k; ++i) d.push_back((static_cast<int>(random() % 21) - 8) / 10.0);
    const auto given = d;
    std::vector<double> sizes;
    for (double x : d) sizes.push_back(std::abs(x));
    const double most = median(sizes) == 0 ? 10 : median(sizes);
    for (double& x : d) x = std::clamp(x, -most, most);  // as the test does itself
    int as_great = 0;
    long long total = 0;
    for (double x : d) total += std::llround(x * 20);
    for (int signs = 0; signs < (1 << k); ++signs) {
      long long sum = 0;
      for (int i = 0; i < k; ++i) sum += ((signs >> i & 1) != 0 ? 1 : -1) * std::llround(d[i] * 20);
      as_great += sum >= total ? 1 : 0;
    }
    REQUIRE(paired_p_value(given) == doctest::Approx(as_great / std::pow(2.0, k)).epsilon(1e-12));
  }
}

TEST_CASE("no difference counts for more than the middle one") {
  CHECK(paired_p_value({1, 1, 1, 1, 1, -100}) == 7.0 / 64);
  CHECK(paired_p_value({-1, -1, -1, -1, 100}) == paired_p_value({-1, -1, -1, -1, 1}));
  CHECK(paired_p_value({20, 22, 11, 87, -103}) == 6.0 / 32);  // seen on ninja: p 0.34 by the sum
}

TEST_CASE("many pairs are tested exactly too") {
  CHECK(paired_p_value(std::vector<double>(36, 1)) == std::ldexp(1, -36));
  CHECK(paired_p_value(std::vector<double>(100, 1)) == doctest::Approx(std::ldexp(1, -100)));
  std::vector<double> half(100, 1);
  for (int i = 0; i < 50; ++i) half[i] = -1;
  CHECK(paired_p_value(half) == doctest::Approx(0.5398).epsilon(0.001));
}

TEST_CASE("under no difference the test is right about as often as it says") {
  std::mt19937 random(17);
  std::normal_distribution<double> noise;
  int significant = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<double> d;
    for (int i = 0; i < 8; ++i) d.push_back(noise(random));
    significant += paired_p_value(d) <= 0.05 ? 1 : 0;
  }
  CHECK(significant < 4000 * 0.06);
  CHECK(significant > 4000 * 0.035);
}

TEST_CASE("the fewest pairs for a level are told") {
  CHECK(least_pairs(0.05) == 5);
  CHECK(least_pairs(0.0625) == 4);
  CHECK(least_pairs(0.01) == 7);
  CHECK(least_pairs(0.5) == 1);
  CHECK(least_pairs(1) == 1);
  CHECK(least_pairs(0) == 1000);
  CHECK(least_pairs(std::nan("")) == 1000);
}

TEST_CASE("median and standard deviation of few values") {
  CHECK(median({}) == 0);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 2, 3}) == 2.5);
  CHECK(sample_standard_deviation({1}) == 0);
  CHECK(sample_standard_deviation({1, 2, 3}) == doctest::Approx(1));
}
