// SPDX-License-Identifier: MIT
//
// Candidates side by side in the step machine: each an iteration of its own, taken as it comes.
#include <doctest/doctest.h>

#include "actors/logic/session_ledger.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

constexpr std::int64_t round_start = 1'000'000;

run_result measured_as(double value, bool improved = false) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  return r;
}

session_document parallel_session(int max_iterations = 50, int spark_budget = 200) {
  session_document d;
  d.session_id = "0123456789ab";
  changed(d.settings)->target_files = {"a.txt"};
  changed(d.settings)->max_iterations = max_iterations;
  changed(d.settings)->spark_budget = spark_budget;
  changed(d.settings)->hive_parallel = true;
  changed(d.settings)->num_variants = 3;
  step_effects effects;
  begin_setup(d, round_start);
  workspace_ready(d, {"/w", "base", "tree0", "ratchet/0123456789ab", {}});
  auto baseline = measured_as(1.0);
  baseline.machine = "home";
  REQUIRE(finish_setup(d, baseline, effects, round_start + 5));
  return d;
}

edit_outcome applied_as(const std::string& tree) {
  edit_outcome o;
  o.applied = candidate{};
  o.applied->tree = tree;
  o.applied->hypothesis = "try " + tree;
  o.applied->files_changed = {"a.txt"};
  o.backend_state = json{{"after", tree}};
  return o;
}

edit_outcome no_edit() {
  edit_outcome o;
  o.reason = "no idea";
  return o;
}

edit_answer edit_round(session_document& d, const variants_outcome& outcome,
                       step_effects& effects) {
  auto begun = begin_edit(d, effects, round_start);
  REQUIRE(begun);
  REQUIRE(!*begun);
  return finish_edit_round(d, outcome, effects, round_start);
}

/// These of the round, each with its result, in this order.
run_answer measured(session_document& d, const std::vector<std::pair<int, run_result>>& results,
                    std::size_t winner, step_effects& effects) {
  std::vector<measured_candidate> all;
  for (const auto& [iteration, result] : results)
    for (const auto& row : d.round)
      if (row.iteration == iteration)
        all.push_back({row.candidate, result, d.state.head, d.state.best_metric});
  REQUIRE(all.size() == results.size());
  return finish_run_round(d, all, winner, effects, round_start);
}

/// Two go out together; the first is measured and reverted, the second is still at work.
decide_answer first_of_two_lost(session_document& d, step_effects& effects) {
  edit_round(d, {{applied_as("t1"), applied_as("t2")}}, effects);
  REQUIRE(begin_run(d, round_start));
  measured(d, {{1, measured_as(0.5)}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  return finish_reverted(d, "reverted", "worse", effects, round_start);
}

}  // namespace

TEST_CASE("every candidate of a round is an iteration with a row of its own") {
  auto d = parallel_session();
  step_effects effects;
  auto answer = edit_round(d, {{applied_as("t1"), no_edit(), applied_as("t3")}}, effects);
  CHECK(answer.success == true);
  CHECK(answer.iteration == 1);
  REQUIRE(answer.variants.size() == 3);
  CHECK(answer.variants[1].success == false);
  CHECK(answer.variants[1].reason == "no idea");
  CHECK(effects.rows.size() == 3);
  CHECK(effects.rows[1].decision == "edit_failed");
  CHECK(d.state.iteration == 3);
  CHECK(d.state.round == std::vector<int>{1, 3});
  CHECK(d.state.backend_state == json{{"after", "t3"}});
  CHECK(d.state.next == session_step::run);
}

TEST_CASE("of those measured the best goes on to decide, the rest is reverted, others stay") {
  auto d = parallel_session();
  step_effects edited;
  edit_round(d, {{applied_as("t1"), applied_as("t2"), applied_as("t3")}}, edited);
  step_effects effects;
  REQUIRE(begin_run(d, round_start));
  CHECK(d.state.spark_consumed == 12);
  auto answer = measured(d, {{2, measured_as(5, true)}, {3, measured_as(0.5)}}, 0, effects);
  CHECK(answer.iteration == 2);
  CHECK(answer.metric_value == 5.0);
  CHECK(answer.improved);
  REQUIRE(answer.variants.size() == 2);
  CHECK(answer.variants[1].metric_value == 0.5);
  REQUIRE(effects.rows.size() == 2);
  CHECK(effects.rows[0].decision.empty());
  CHECK(effects.rows[1].decision == "reverted");
  CHECK(effects.rows[1].reason == "not better than the best");
  CHECK(d.state.round == std::vector<int>{1});
  step_effects decided;
  REQUIRE(begin_decide(d, round_start));
  auto kept = finish_kept(d, "commit", decided, round_start);
  CHECK(kept.iteration == 2);
  CHECK(kept.best_iteration == 2);
  CHECK(kept.best_metric == 5.0);
  CHECK(d.state.iteration == 3);
  CHECK(commit_message(d).rfind("autoresearch iter 2:", 0) == 0);
  CHECK(d.state.round == std::vector<int>{1});
  CHECK(progress_of(d, round_start).side_by_side == 1);
}

TEST_CASE("a candidate goes on with the tree that was measured") {
  auto d = parallel_session();
  step_effects effects;
  edit_round(d, {{applied_as("t1"), applied_as("t2")}}, effects);
  REQUIRE(begin_run(d, round_start));
  auto merged = d.round[0].candidate;
  merged.tree = "t1 upon t2";
  merged.parent = "commit2";
  finish_run_round(d, {{merged, measured_as(7, true), d.state.head, 1.0}}, 0, effects, round_start);
  CHECK(d.current.candidate.tree == "t1 upon t2");
  CHECK(effects.rows.back().candidate.parent == "commit2");
}

TEST_CASE("what ran beside an older best says nothing of the new one") {
  auto d = parallel_session();
  step_effects effects;
  edit_round(d, {{applied_as("t1"), applied_as("t2")}}, effects);
  REQUIRE(begin_run(d, round_start));
  const auto before = d.round[1].candidate;
  measured(d, {{1, measured_as(5, true)}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  finish_kept(d, "commit", effects, round_start);
  REQUIRE(d.state.best_metric == 5.0);
  auto late = measured_as(0.5);
  late.samples = {{0.5, 0.1, false, ""}, {1.0, 0.1, true, ""}};
  late.machine = "big";
  late.incumbent_metric = 3;
  auto answer = [&] {
    auto edited = begin_edit(d, effects, round_start);
    REQUIRE(edited);
    finish_edit_round(d, {{applied_as("t3")}}, effects, round_start);
    REQUIRE(begin_run(d, round_start));
    return finish_run_round(d, {{before, late, "base", 1.0}}, 0, effects, round_start);
  }();
  CHECK(d.state.best_metric == 5.0);
  CHECK(d.state.class_best.empty());
  CHECK(d.current.result->best_metric == 1.0);
  CHECK(answer.best_metric == 5.0);
}

TEST_CASE("an edit proposes for the places that are free, as far as iterations and spark reach") {
  CHECK(free_places(parallel_session()) == 3);
  CHECK(free_places(parallel_session(2)) == 2);
  CHECK(free_places(parallel_session(50, 8)) == 2);
  CHECK(free_places(parallel_session(50, 4)) == 1);
  auto sequential = parallel_session();
  changed(sequential.settings)->hive_parallel = false;
  CHECK(free_places(sequential) == 1);
  auto busy = parallel_session();
  step_effects effects;
  edit_round(busy, {{applied_as("t1"), applied_as("t2"), applied_as("t3")}}, effects);
  REQUIRE(begin_run(busy, round_start));
  measured(busy, {{1, measured_as(0.5)}, {3, measured_as(0.5)}}, 0, effects);
  CHECK(free_places(busy) == 2);
}

TEST_CASE("what is proposed later joins those at work, and each is paid for once") {
  auto d = parallel_session();
  step_effects effects;
  CHECK(first_of_two_lost(d, effects).should_continue);
  auto answer = edit_round(d, {{applied_as("t3")}}, effects);
  CHECK(answer.iteration == 3);
  CHECK(d.state.round == std::vector<int>{2, 3});
  REQUIRE(begin_run(d, round_start));
  CHECK(d.state.spark_consumed == 12);
}

TEST_CASE("with the budget spent those at work are waited for, and then it ends") {
  auto d = parallel_session(2);
  step_effects effects;
  CHECK(first_of_two_lost(d, effects).should_continue);
  auto waiting = begin_edit(d, effects, round_start);
  REQUIRE(waiting);
  REQUIRE(waiting->has_value());
  CHECK((*waiting)->success == true);
  CHECK((*waiting)->iteration == 2);
  CHECK((*waiting)->reason.find("iterations: all 2") != std::string::npos);
  REQUIRE(begin_run(d, round_start));
  CHECK(d.state.spark_consumed == 8);
  measured(d, {{2, measured_as(0.25)}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  auto last = finish_reverted(d, "reverted", "worse", effects, round_start);
  CHECK(!last.should_continue);
  CHECK(last.ended_by.find("iterations: all 2") != std::string::npos);
}

TEST_CASE("a paused session waits for those at work, and proposes none") {
  auto d = parallel_session();
  step_effects effects;
  CHECK(first_of_two_lost(d, effects).should_continue);
  d.state.paused = true;
  CHECK((**begin_edit(d, effects, round_start)).success == true);
  REQUIRE(begin_run(d, round_start));
  measured(d, {{2, measured_as(0.5)}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  finish_reverted(d, "reverted", "worse", effects, round_start);
  CHECK((**begin_edit(d, effects, round_start)).paused == true);
}

TEST_CASE("a goal that is reached waits for nobody") {
  auto d = parallel_session();
  changed(d.settings)->target_metric = 4;
  step_effects effects;
  edit_round(d, {{applied_as("t1"), applied_as("t2")}}, effects);
  REQUIRE(begin_run(d, round_start));
  measured(d, {{2, measured_as(5, true)}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  step_effects decided;
  auto kept = finish_kept(d, "commit", decided, round_start);
  CHECK(!kept.should_continue);
  CHECK(d.state.round.empty());
  REQUIRE(decided.rows.size() == 1);
  CHECK(decided.rows[0].iteration == 1);
  CHECK(decided.rows[0].reason.starts_with("not waited for: target: "));
}

TEST_CASE("once its time is over a session waits for nobody, whichever step finds that out") {
  auto d = parallel_session();
  changed(d.settings)->total_time_budget_s = 10;
  step_effects effects;
  CHECK(first_of_two_lost(d, effects).should_continue);
  step_effects late;
  auto over = begin_edit(d, late, round_start + 11'000);
  REQUIRE(over);
  REQUIRE(over->has_value());
  CHECK((*over)->budget_exhausted == true);
  CHECK(d.state.round.empty());
  REQUIRE(late.rows.size() == 1);
  CHECK(late.rows[0].reason.starts_with("not waited for: time: "));
}

TEST_CASE("a backend that has no more to propose ends nothing while others are at work") {
  edit_outcome over, never;
  over.exhausted = "edits: all are tried";
  never.permanent = true;
  never.reason = "no such model";
  for (const auto& outcome : {over, never}) {
    auto d = parallel_session();
    step_effects effects;
    CHECK(first_of_two_lost(d, effects).should_continue);
    auto answer = edit_round(d, {{outcome}}, effects);
    CHECK(answer.success == true);
    CHECK(answer.iteration == 2);
    CHECK(d.state.status == session_status::running);
    CHECK(d.state.next == session_step::run);
  }
}

TEST_CASE("runs side by side that were interrupted are made again at no further spark") {
  auto d = parallel_session();
  step_effects effects;
  edit_round(d, {{applied_as("t1"), applied_as("t2")}}, effects);
  REQUIRE(begin_run(d, round_start));
  auto read = session_document::read(d.record(round_start), d.current, d.round);
  REQUIRE(read);
  std::string note;
  CHECK(plan_recovery(*read, note) == recovery::redo);
  CHECK(note.find("side by side (2)") != std::string::npos);
  abandon_step(*read);
  REQUIRE(begin_run(*read, round_start));
  CHECK(read->state.spark_consumed == 8);
  CHECK(read->round.size() == 2);
}

TEST_CASE("who is undecided at finalize is reverted, at work or measured") {
  auto d = parallel_session();
  step_effects edited;
  edit_round(d, {{applied_as("t1"), applied_as("t2"), applied_as("t3")}}, edited);
  REQUIRE(begin_run(d, round_start));
  measured(d, {{2, measured_as(5, true)}}, 0, edited);
  auto begun = begin_finalize(d, round_start);
  REQUIRE(begun);
  CHECK(begun->revert);
  step_effects effects;
  finish_finalize(d, "iterations 1, 3, 2 were undecided", effects, round_start);
  REQUIRE(effects.rows.size() == 2);
  CHECK(effects.rows[0].decision == "reverted");
  CHECK(effects.rows[1].decision == "reverted");
  CHECK(effects.store_row);
  CHECK(d.current.decision == "reverted");
}

TEST_CASE("a round in which every edit failed is no candidate") {
  auto d = parallel_session();
  step_effects effects;
  auto answer = edit_round(d, {{no_edit()}}, effects);
  CHECK(answer.success == false);
  CHECK(answer.reason == "no idea");
  CHECK(d.state.next == session_step::edit);
  CHECK(d.state.iteration == 1);
}

TEST_CASE("edits that fail beside others at work do not end the search") {
  auto d = parallel_session();
  step_effects effects;
  CHECK(first_of_two_lost(d, effects).should_continue);
  auto answer = edit_round(d, {{no_edit()}}, effects);
  CHECK(answer.success == true);
  CHECK(answer.iteration == 2);
  REQUIRE(answer.variants.size() == 1);
  CHECK(!answer.variants[0].success);
  CHECK(d.state.next == session_step::run);
}

TEST_CASE("a budget that ends in the middle of a round lets the others go on") {
  auto d = parallel_session();
  edit_outcome over;
  over.exhausted = "cost: 1 USD";
  step_effects effects;
  auto answer = edit_round(d, {{applied_as("t1"), over}}, effects);
  CHECK(answer.success == true);
  CHECK(d.state.iteration == 1);
  auto next = parallel_session();
  step_effects none;
  CHECK(edit_round(next, {{over}}, none).budget_exhausted == true);
}

TEST_CASE("what the incumbent gave on another class of machine is known until the next is kept") {
  auto d = parallel_session();
  CHECK(d.state.home_class == "home");
  auto elsewhere = measured_as(30, true);
  elsewhere.machine = "big";
  elsewhere.incumbent_metric = 20;
  remember_incumbent(d, elsewhere);
  step_effects effects;
  edit_round(d, {{applied_as("t1")}}, effects);
  auto job = measurement_of(d, d.current);
  CHECK(job.home_class == "home");
  CHECK(job.class_best.at("big") == 20);
  REQUIRE(begin_run(d, round_start));
  auto confirmed = measured_as(2, true);
  confirmed.machine = "home";
  measured(d, {{1, confirmed}}, 0, effects);
  REQUIRE(begin_decide(d, round_start));
  finish_kept(d, "commit", effects, round_start);
  CHECK(d.state.class_best.empty());
  CHECK(d.state.home_class == "home");
}
