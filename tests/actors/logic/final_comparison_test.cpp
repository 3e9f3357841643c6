// SPDX-License-Identifier: MIT
#include "actors/logic/final_comparison.hpp"

#include <doctest/doctest.h>

#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

comparison compared_by(double gain, double low, double high, int pairs = 6) {
  return {10.0, 9.0, gain, low, high, pairs, ""};
}

}  // namespace

TEST_CASE(
    "a comparison gets all its pairs where they fit into a minute or a fifth of the session") {
  session_settings s;
  CHECK(plan_comparison(s, 10, 5, 6).pairs == 6);  // 60 s
  CHECK(plan_comparison(s, 10, 5, 6).why_not.empty());
  CHECK(plan_comparison(s, 3600, 60, 6).pairs == 6);  // 720 s
  CHECK(plan_comparison(s, 10, 0, 6).pairs == 6);     // nobody knows how long a run takes
}

TEST_CASE("with less time there are fewer pairs, but never fewer than three") {
  session_settings s;
  auto fewer = plan_comparison(s, 10, 8, 6);
  CHECK(fewer.pairs == 3);
  CHECK(contains(fewer.why_not, "3 of 6 pairs"));
  auto none = plan_comparison(s, 10, 30, 6);
  CHECK(none.pairs == 0);
  CHECK(contains(none.why_not, "a pair of runs takes about 60 s"));
}

TEST_CASE("a total time budget is kept, and named where it leaves no room") {
  session_settings s;
  s.total_time_budget_s = 100;
  CHECK(plan_comparison(s, 40, 5, 6).pairs == 6);
  CHECK(plan_comparison(s, 60, 5, 6).pairs == 4);
  auto none = plan_comparison(s, 100, 5, 6);
  CHECK(none.pairs == 0);
  CHECK(contains(none.why_not, "0 s of total_time_budget_s 100 s are left"));
}

TEST_CASE(
    "the sentence has gain, interval, pairs and values, and says where chance is not excluded") {
  CHECK(in_words(compared_by(12, 9, 15)) ==
        "+12 % (95 % interval +9 % to +15 %), measured again in 6 pairs of runs: 10 -> 9");
  CHECK(contains(in_words(compared_by(2, -1, 5)), "does not exclude chance"));
  CHECK(contains(in_words(compared_by(2, 1, 5, 3)), "of the pairs: +1 % to +5 %"));
  CHECK_FALSE(contains(in_words(compared_by(12, 12, 12, 1)), "interval"));
  comparison failed;
  failed.error = "exit code 1";
  CHECK(in_words(failed) == "not measured again: exit code 1");
}

TEST_CASE("a stored comparison is of one commit, and a failed one is none") {
  auto stored = stored_comparison(compared_by(12, 9, 15), "abc", "");
  CHECK(stored["summary"] == in_words(compared_by(12, 9, 15)));
  CHECK(stored["gain_percent"] == 12.0);
  CHECK(is_comparison_of(stored, "abc"));
  CHECK_FALSE(is_comparison_of(stored, "def"));
  comparison failed;
  failed.error = "no";
  CHECK_FALSE(is_comparison_of(stored_comparison(failed, "abc", ""), "abc"));
  CHECK_FALSE(is_comparison_of(nullptr, "abc"));
}
