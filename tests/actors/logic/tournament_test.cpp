// SPDX-License-Identifier: MIT
#include "actors/logic/tournament.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

run_result run_of(double value, bool improved, std::optional<double> incumbent = {}) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  r.incumbent_metric = incumbent;
  return r;
}

run_result crashed_run() {
  run_result r;
  r.error = "exit code 1";
  return r;
}

constexpr auto more = metric_direction::higher_is_better;
constexpr auto less = metric_direction::lower_is_better;

}  // namespace

TEST_CASE("the greatest gain wins the round, whichever way the metric goes") {
  CHECK(tournament_winner({run_of(11, true), run_of(13, true), run_of(9, false)}, more, 10.0) == 1);
  CHECK(tournament_winner({run_of(9, true), run_of(8, true), run_of(11, false)}, less, 10.0) == 1);
}

TEST_CASE("the earlier of two equal candidates wins") {
  CHECK(tournament_winner({run_of(12, true), run_of(12, true)}, more, 10.0) == 0);
}

TEST_CASE("a gain counts by the incumbent of the machine that it was measured on") {
  // 100 -> 120 on a fast machine is less than 10 -> 13 here.
  CHECK(tournament_winner({run_of(120, true, 100.0), run_of(13, true)}, more, 10.0) == 1);
}

TEST_CASE("with nothing better the nearest goes on, and a crash only when all crashed") {
  CHECK(tournament_winner({crashed_run(), run_of(7, false), run_of(9, false)}, more, 10.0) == 2);
  CHECK(tournament_winner({crashed_run(), crashed_run()}, more, 10.0) == 0);
  CHECK(tournament_winner({run_of(30, false), run_of(11, true)}, more, 10.0) == 1);
}

TEST_CASE("a winner is measured again with repeats, and when another class of machine ran it") {
  auto winner = run_of(12, true);
  winner.machine = "big";
  CHECK(!needs_confirmation(winner, 1, "", true));
  CHECK(!needs_confirmation(winner, 1, "big", true));
  CHECK(needs_confirmation(winner, 1, "small", true));
  CHECK(needs_confirmation(winner, 1, "small", false));
  CHECK(needs_confirmation(winner, 3, "big", true));
  CHECK(!needs_confirmation(winner, 3, "big", false));  // it was measured with all its pairs
  CHECK(!needs_confirmation(run_of(9, false), 3, "small", true));
}

TEST_CASE("a fast machine does not make a candidate win") {
  auto fast = run_of(30, true), here = run_of(11, true);
  fast.machine = "big";
  here.machine = "small";
  CHECK(tournament_winner({fast, here}, more, 10.0, "small") == 1);
  fast.incumbent_metric = 20;
  CHECK(tournament_winner({fast, here}, more, 10.0, "small") == 0);
}

TEST_CASE("a loser says why it went no further") {
  CHECK(why_lost(crashed_run(), 4) == "exit code 1");
  CHECK(why_lost(run_of(9, false), 4) == "not better than the best");
  auto told = run_of(9, false);
  told.reason = "worse than the best by 1 (9 against 10)";
  CHECK(why_lost(told, 4) == told.reason);
  CHECK(why_lost(run_of(11, true), 4) ==
        "better than the best, but less so than iteration 4 beside it");
}

TEST_CASE("of the last few that arrived the best is worth its pairs, and the next is not") {
  screening s;
  CHECK(s.is_worth_pairs(0.02, 0.02, 0.05, 3));
  CHECK(!s.is_worth_pairs(0.01, 0.01, 0.05, 3));
  CHECK(s.is_worth_pairs(0.03, 0.03, 0.05, 3));
  CHECK(!s.is_worth_pairs(0.02, 0.02, 0.05, 3));
  CHECK(!s.is_worth_pairs(-0.5, -0.5, 0.05, 3));
  CHECK(!s.is_worth_pairs(0.01, 0.01, 0.05, 3));  // 0.03 is the last of three
  CHECK(s.is_worth_pairs(0.02, 0.02, 0.05, 3));
}

TEST_CASE("what stands out of the noise is worth its pairs whatever the others gave") {
  screening s;
  CHECK(s.is_worth_pairs(0.9, 0.9, 0.05, 16));
  CHECK(s.is_worth_pairs(0.2, 0.2, 0.05, 16));
  CHECK(!s.is_worth_pairs(0.14, 0.14, 0.05, 16));
  CHECK(s.is_worth_pairs(-0.1, 0.2, 0.05, 16));  // of an older best, on top of which it may help
}

TEST_CASE("with another best the tournament begins again") {
  screening s;
  CHECK(s.is_worth_pairs(0.1, 0.1, 0.05, 16));
  CHECK(!s.is_worth_pairs(0.02, 0.02, 0.05, 16));
  s.begin_again();
  CHECK(s.is_worth_pairs(0.02, 0.02, 0.05, 16));
}
