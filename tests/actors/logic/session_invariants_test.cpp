// SPDX-License-Identifier: MIT
//
// Each invariant of a stored session can be broken, and then names itself.
#include "actors/logic/session_invariants.hpp"
#include "tests/support/changed.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace ratchet;
using ratchet::testing::changed;

namespace {

/// Iteration 3, which was measured and awaits its decision; iteration 1 is the best.
session_document healthy() {
  session_document d;
  d.session_id = "0123456789ab";
  changed(d.settings)->max_iterations = 10;
  changed(d.settings)->spark_budget = 40;
  auto& s = d.state;
  s.status = session_status::running;
  s.next = session_step::decide;
  s.iteration = s.current = d.current.iteration = 3;
  s.best_iteration = s.total_improvements = 1;
  s.spark_consumed = 12;
  s.base_commit = "base";
  s.head = "commit1";
  d.current.candidate.tree = "tree3";
  d.current.result = run_result{};
  return d;
}

/// Iterations 3 and 4 await their run together.
session_document healthy_round() {
  auto d = healthy();
  testing::changed(d.settings)->hive_parallel = true;
  d.state.next = session_step::run;
  d.state.iteration = 4;
  d.state.unpaid = 2;
  d.state.round = {3, 4};
  d.current.result.reset();
  d.round = {d.current, d.current};
  d.round[1].iteration = 4;
  return d;
}

/// The name of what breaks once `harm` was done.
std::string broken_by(session_document d, const std::function<void(session_document&)>& harm) {
  REQUIRE(broken_invariant(d) == "");
  harm(d);
  const auto said = broken_invariant(d);
  return said.substr(0, said.find(':'));
}

std::string broken_by(const std::function<void(session_document&)>& harm) {
  return broken_by(healthy(), harm);
}

}  // namespace

TEST_CASE("a session that has not begun, one at decide and one in a round break no invariant") {
  CHECK(broken_invariant(session_document{}) == "");
  CHECK(broken_invariant(healthy()) == "");
  CHECK(broken_invariant(healthy_round()) == "");
}

TEST_CASE("what is broken is said with its values") {
  auto d = healthy();
  d.state.spark_consumed = 41;
  CHECK(broken_invariant(d) == "spark_is_within_its_budget: 41 of 40");
}

TEST_CASE("spark beyond its budget, below none, or charged to nothing breaks an invariant") {
  CHECK(broken_by([](auto& d) { d.state.spark_consumed = 41; }) == "spark_is_within_its_budget");
  CHECK(broken_by([](auto& d) { d.state.spark_consumed = -4; }) == "spark_is_within_its_budget");
  CHECK(broken_by([](auto& d) { d.state.unpaid = 1; }) == "what_is_unpaid_awaits_its_run");
  CHECK(broken_by(healthy_round(), [](auto& d) { d.state.unpaid = 3; }) ==
        "what_is_unpaid_awaits_its_run");
}

TEST_CASE("more iterations than allowed, or one ahead of the last, breaks an invariant") {
  CHECK(broken_by([](auto& d) { d.state.iteration = 12; }) == "iterations_are_within_their_limit");
  const std::string ahead = "nothing_is_ahead_of_the_last_iteration";
  CHECK(broken_by([](auto& d) { d.state.current = 4; }) == ahead);
  CHECK(broken_by([](auto& d) { d.state.best_iteration = 4; }) == ahead);
  CHECK(broken_by([](auto& d) { d.state.total_improvements = 4; }) == ahead);
  CHECK(broken_by([](auto& d) { d.state.since_keep = -1; }) == ahead);
}

TEST_CASE("a row of another iteration breaks an invariant") {
  CHECK(broken_by([](auto& d) { d.current.iteration = 2; }) ==
        "the_current_row_is_the_current_iteration");
}

TEST_CASE("a round of one that is to be decided, too large, or of other rows breaks an invariant") {
  auto decided = healthy_round();
  decided.state.unpaid = 0;
  decided.state.round = {4};
  decided.round.erase(decided.round.begin());
  decided.state.next = session_step::decide;
  decided.current.result = run_result{};
  CHECK(broken_by(decided, [](auto& d) {
          d.state.round = {3};
          d.round.front().iteration = 3;
        }) == "who_awaits_its_decision_has_left_the_round");
  CHECK(broken_by(healthy_round(), [](auto& d) {
          testing::changed(d.settings)->num_variants = 1;
        }) == "a_round_has_places");
  const std::string rows = "the_rows_of_a_round_are_its_iterations";
  CHECK(broken_by(healthy_round(), [](auto& d) { d.round.pop_back(); }) == rows);
  CHECK(broken_by(healthy_round(), [](auto& d) { std::swap(d.round[0], d.round[1]); }) == rows);
}

TEST_CASE("an intent anywhere but at decide, or on another commit than the head, breaks one") {
  auto meant = healthy();
  meant.state.intent = keep_intent{"commit3", "commit1"};
  CHECK(broken_by(meant, [](auto& d) { d.state.next = session_step::run; }) ==
        "an_intent_is_only_at_decide");
  const std::string on_top = "an_intent_is_on_top_of_the_head";
  CHECK(broken_by(meant, [](auto& d) { d.state.head = "commit2"; }) == on_top);
  CHECK(broken_by(meant, [](auto& d) { d.state.intent->commit.clear(); }) == on_top);
}

TEST_CASE("a candidate without a tree, or without the result it is to be judged by, breaks one") {
  CHECK(broken_by([](auto& d) { d.current.candidate.tree.clear(); }) ==
        "what_awaits_a_verdict_has_a_tree");
  CHECK(broken_by([](auto& d) { d.current.result.reset(); }) == "what_awaits_its_decision_was_run");
}

TEST_CASE("a step at work that was not the next one breaks an invariant, an end does not") {
  CHECK(broken_by([](auto& d) { d.state.in_step = session_step::edit; }) ==
        "the_step_at_work_is_the_one_expected");
  auto ending = healthy();
  ending.state.in_step = session_step::finalize;
  CHECK(broken_invariant(ending) == "");
}

TEST_CASE("a status that does not fit where the session stands breaks an invariant") {
  const std::string pending = "a_session_before_its_baseline_is_pending";
  CHECK(broken_by([](auto& d) { d.state.status = session_status::pending; }) == pending);
  CHECK(broken_by(session_document{}, [](auto& d) { d.state.status = session_status::running; }) ==
        pending);
  CHECK(broken_by([](auto& d) { d.state.status = session_status::completed; }) ==
        "an_ended_session_has_its_end");
}

TEST_CASE("a head that moved though nothing was kept breaks an invariant") {
  CHECK(broken_by([](auto& d) { d.state.total_improvements = 0; }) ==
        "the_head_is_the_base_until_something_is_kept");
}
