// SPDX-License-Identifier: MIT
#include "actors/logic/median_interval.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

TEST_CASE("six values give the extremes as an interval that covers 96.9 %") {
  auto i = median_interval({6, 1, 2, 3, 4, 5});
  CHECK(i.low == 1);
  CHECK(i.high == 6);
  CHECK(i.confidence == doctest::Approx(0.96875));
}

TEST_CASE("five values cannot reach 95 %, and the interval says so") {
  CHECK(median_interval({1, 2, 3, 4, 5}).confidence == doctest::Approx(0.9375));
}

TEST_CASE("ten values leave out the outermost on each side") {
  auto i = median_interval({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(i.low == 2);
  CHECK(i.high == 9);
  CHECK(i.confidence == doctest::Approx(0.978515625));
}
