// SPDX-License-Identifier: MIT
#include "actors/work/lanes.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace ratchet;

TEST_CASE("a work tree belongs to one at a time, and a run waits for it") {
  standing_lanes lanes;
  const work_tree_id one{"s", 1};
  REQUIRE(lanes.try_to_take(one));
  CHECK(!lanes.try_to_take(one));
  CHECK(lanes.try_to_take({"s", 2}));
  std::atomic<bool> has{false};
  std::jthread run([&] {
    lanes.take(one);
    has = true;
  });
  CHECK(!has);
  lanes.give_back(one);
  run.join();
  CHECK(has);
  CHECK(!lanes.try_to_take(one));
}
