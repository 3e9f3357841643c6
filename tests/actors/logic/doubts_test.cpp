// SPDX-License-Identifier: MIT
#include "actors/logic/doubts.hpp"

#include <doctest/doctest.h>

#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

session_settings about_metric(const std::string& metric, bool higher = true) {
  session_settings s;
  s.metric_name = metric;
  s.metric_direction =
      higher ? metric_direction::higher_is_better : metric_direction::lower_is_better;
  return s;
}

}  // namespace

TEST_CASE("a session that nothing but its metric looks at says so") {
  session_settings s;
  CHECK(contains(doubt_of_unguarded(s), "no gate, no check, no guard"));
  s.check_command.shell = "make check";
  CHECK(doubt_of_unguarded(s).empty());
  session_settings guarded;
  guarded.protected_paths = {"tests"};
  CHECK(doubt_of_unguarded(guarded).empty());
}

TEST_CASE("a metric that was found by a fall-back is told with what counts instead") {
  CHECK(contains(doubt_of_source(about_metric("acuracy"), "fallback:score"),
                 "\"acuracy\" is nowhere in the output: what counts is \"score\""));
  CHECK(doubt_of_source(about_metric("score"), "name").empty());
}

TEST_CASE("a share above one is doubted") {
  CHECK(joined(doubts_of_gain(about_metric("val_accuracy"), "", 0.61, 1.84, ""))
            .find("no share can be") != std::string::npos);
  CHECK(doubts_of_gain(about_metric("val_accuracy"), "", 0.61, 0.93, "").empty());
  CHECK(doubts_of_gain(about_metric("accuracy"), "", 61, 93, "").empty());  // per cent
  CHECK_FALSE(doubts_of_gain(about_metric("hits"), "%", 61, 120, "").empty());
  CHECK(doubts_of_gain(about_metric("iterations"), "", 1.0, 1.84, "").empty());
}

TEST_CASE("ten times better than the baseline is doubted, in either direction") {
  CHECK_FALSE(doubts_of_gain(about_metric("throughput"), "", 3, 30, "").empty());
  CHECK(doubts_of_gain(about_metric("throughput"), "", 3, 29, "").empty());
  CHECK_FALSE(doubts_of_gain(about_metric("ms", false), "", 30, 3, "").empty());
  CHECK_FALSE(doubts_of_gain(about_metric("ms", false), "", 30, 0, "").empty());
  CHECK(doubts_of_gain(about_metric("ms", false), "", 30, 3.1, "").empty());
  CHECK(doubts_of_gain(about_metric("delta"), "", 0, 5, "").empty());
}

TEST_CASE("a change in a line that computes the metric is doubted") {
  const std::string diff =
      "--- a/score.py\n+++ b/score.py\n@@ -1,2 +1,2 @@\n lr = 0.1\n-score = 1.0 / x\n+score = 8.2 "
      "/ "
      "x\n";
  auto doubts = doubts_of_gain(about_metric("score"), "", 1, 2, diff);
  REQUIRE(doubts.size() == 1);
  CHECK(contains(doubts[0], "score.py:2"));
  CHECK(doubts_of_gain(about_metric("scores"), "", 1, 2, diff).empty());
}

TEST_CASE("doubts are told once, and not without end") {
  std::vector<std::string> all{"a"};
  add_doubts(all, {"a", "", "b"});
  CHECK(all == std::vector<std::string>{"a", "b"});
  for (int i = 0; i < 50; ++i) add_doubts(all, {std::to_string(i)});
  CHECK(all.size() == 20);
}
