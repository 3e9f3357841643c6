// SPDX-License-Identifier: MIT
//
// What a session leaves in the clock of its actor system.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;
using laboratory = session_laboratory;

TEST_CASE_FIXTURE(laboratory, "answered questions leave nothing in the clock, however many") {
  auto id = open();
  int rate = 1;
  auto iterate = [&] {
    REQUIRE(edit(id, "rate = " + std::to_string(++rate) + "\n"));
    REQUIRE(run_it(id));
    REQUIRE(decide(id));
  };
  iterate();
  const auto& waiting = scheduler().clock().schedule();
  const auto after_one = waiting.size();
  for (int i = 0; i < 20; ++i) iterate();
  CHECK(waiting.size() == after_one);
}
