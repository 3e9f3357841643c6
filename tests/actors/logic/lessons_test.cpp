// SPDX-License-Identifier: MIT
#include "actors/logic/lessons.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

TEST_CASE("the same words again support a lesson, others stand beside it, the newest first") {
  std::vector<lesson> known;
  learn(known, "Larger blocks help.", 3);
  learn(known, "fewer copies do not", 4);
  REQUIRE(known.size() == 2);
  CHECK(known[0].text == "fewer copies do not");
  learn(known, "larger blocks help", 7);
  REQUIRE(known.size() == 2);
  CHECK(known[0].text == "Larger blocks help.");
  CHECK(known[0].iterations == std::vector<int>{3, 7});
}

TEST_CASE("lessons are one line, nothing is no lesson, and there are at most twenty") {
  std::vector<lesson> known;
  learn(known, "", 1);
  learn(known, " ... ", 1);
  CHECK(known.empty());
  learn(known, "a\nb", 1);
  CHECK(known[0].text == "a b");
  for (int i = 0; i < 100; ++i) learn(known, "lesson " + std::to_string(i), i);
  CHECK(known.size() == 20);
  CHECK(known[0].text == "lesson 99");
}
