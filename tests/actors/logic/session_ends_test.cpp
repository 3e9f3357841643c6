// SPDX-License-Identifier: MIT
//
// How a session ends: its goal, a plateau, each budget by name, edits that can never work; and what
// is said of it.
#include <doctest/doctest.h>

#include "actors/logic/session_ledger.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

constexpr std::int64_t began = 1'000'000;

run_result gave(double value, bool improved = false) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  r.duration_s = 2;
  return r;
}

session_document begun_with(const session_settings& settings, const run_result& baseline) {
  session_document d;
  d.session_id = "0123456789ab";
  d.settings = settings;
  changed(d.settings)->target_files = {"a.txt"};
  step_effects effects;
  begin_setup(d, began);
  workspace_ready(d, {"/w", "base", "tree0", "ratchet/0123456789ab", {}, {}});
  REQUIRE(finish_setup(d, baseline, effects, began + 5));
  return d;
}

edit_answer propose_once(session_document& d, const std::string& diff = "") {
  step_effects effects;
  auto begun = begin_edit(d, effects, began);
  REQUIRE(begun);
  if (*begun) return **begun;
  edit_outcome outcome;
  outcome.applied = candidate{};
  outcome.applied->hypothesis = "idea";
  outcome.applied->diff = diff;
  return finish_edit(d, outcome, effects, began);
}

decide_answer iteration(session_document& d, double value, bool improved,
                        const std::string& diff = "") {
  step_effects effects;
  REQUIRE(propose_once(d, diff).success == true);
  REQUIRE(begin_run(d, began));
  finish_run(d, gave(value, improved), effects, began);
  auto begun = begin_decide(d, began);
  REQUIRE(begun);
  return begun->needed == verdict_needed::judge
             ? finish_kept(d, "commit", effects, began)
             : finish_reverted(d, "reverted", "not better", effects, began);
}

}  // namespace

TEST_CASE("a session whose best is as good as its target is over") {
  session_settings s;
  s.target_metric = 0.95;
  auto d = begun_with(s, gave(0.5));
  CHECK(iteration(d, 0.9, true).should_continue);
  auto last = iteration(d, 0.95, true);
  CHECK_FALSE(last.should_continue);
  CHECK(contains(last.ended_by, "target: the best, 0.95, is as good as target_metric 0.95"));
  auto spent = propose_once(d);
  CHECK(spent.budget_exhausted == true);
  CHECK(contains(spent.reason, "target: "));
}

TEST_CASE("where lower is better the target is reached from above") {
  session_settings s;
  s.metric_direction = metric_direction::lower_is_better;
  s.target_metric = 10;
  auto d = begun_with(s, gave(12));
  CHECK(iteration(d, 11, true).should_continue);
  CHECK_FALSE(iteration(d, 9, true).should_continue);
}

TEST_CASE("a plateau counts what was measured since the last keep") {
  session_settings s;
  s.plateau = 2;
  auto d = begun_with(s, gave(1));
  CHECK(iteration(d, 0.5, false).should_continue);
  CHECK(iteration(d, 2, true).should_continue);
  CHECK(iteration(d, 0.5, false).should_continue);
  auto last = iteration(d, 0.5, false);
  CHECK_FALSE(last.should_continue);
  CHECK(contains(last.ended_by, "plateau: 2 candidates in a row"));
  CHECK(contains(last.ended_by, "--plateau"));
}

TEST_CASE("the text of every end names the budget and the setting that raises it") {
  session_settings few;
  few.max_iterations = 1;
  auto d = begun_with(few, gave(1));
  auto last = iteration(d, 0.5, false);
  CHECK(last.ended_by == "iterations: all 1 have been used; raise max_iterations / -n");
  CHECK(contains(last.instruction, last.ended_by));

  session_settings poor;
  poor.spark_budget = 4;
  auto p = begun_with(poor, gave(1));
  CHECK(iteration(p, 0.5, false).ended_by ==
        "spark: 4 of 4 consumed, and the next run needs 4; raise spark_budget / --spark-budget");
}

TEST_CASE("an edit that can never work is no iteration and says so") {
  auto d = begun_with({}, gave(1));
  step_effects effects;
  REQUIRE(begin_edit(d, effects, began));
  edit_outcome never;
  never.reason = "no literal to change";
  never.permanent = true;
  auto answer = finish_edit(d, never, effects, began);
  CHECK(answer.permanent == true);
  CHECK(answer.success == false);
  CHECK(answer.reason == "no literal to change");
  CHECK(d.state.iteration == 0);
  CHECK(d.state.next == session_step::edit);
  CHECK_FALSE(effects.store_row);
  CHECK(propose_once(d).success == true);  // by the caller's own edit, for instance
}

TEST_CASE("a setup that fails before its baseline leaves row 0 with what was printed") {
  session_document d;
  d.session_id = "0123456789ab";
  step_effects effects;
  begin_setup(d, began);
  auto told =
      fail_setup(d,
                 fail(errc::baseline_failed, "Baseline failed: setup_command failed: exit 1",
                      {{"output_tail", "cc: not found"}, {"output_bytes", 13}}),
                 effects, began);
  CHECK(effects.store_row);
  CHECK(d.current.iteration == 0);
  CHECK(d.current.session_id == d.session_id);
  REQUIRE(d.current.result);
  CHECK(d.current.result->output_tail == "cc: not found");
  CHECK(contains(*d.current.result->error, "setup_command failed"));
  CHECK_FALSE(told.details.contains("output_tail"));
}

TEST_CASE("what speaks against a gain stands in the answer, the status and the end") {
  session_settings s;
  s.metric_name = "accuracy";
  auto d = begun_with(s, gave(0.5));
  CHECK(contains(joined(d.state.warnings), "no gate, no check, no guard"));
  auto kept = iteration(d, 1.5, true);
  CHECK(contains(joined(kept.warnings), "iteration 1: accuracy 1.5 is more than 1"));
  CHECK(contains(joined(progress_of(d, began).warnings), "accuracy 1.5"));
  step_effects effects;
  REQUIRE(begin_finalize(d, began));
  auto end = finish_finalize(d, "", effects, began);
  CHECK(contains(joined(end.warnings), "accuracy 1.5"));
}

TEST_CASE("a decide just answered is repeated with its warnings") {
  session_settings s;
  s.metric_name = "accuracy";
  auto d = begun_with(s, gave(0.5));
  auto kept = iteration(d, 1.5, true);
  auto again = begin_decide(d, began);
  REQUIRE(again);
  REQUIRE(again->repeated);
  CHECK(again->repeated->warnings == kept.warnings);
}

TEST_CASE(
    "the winning change without what brought nothing is an iteration that is no improvement") {
  auto d = begun_with({}, gave(1));
  iteration(d, 2, true);
  auto nothing = begin_prune(d, began);
  REQUIRE(nothing);
  CHECK(nothing->empty());
  step_effects effects;
  take_pruned(d, {"tree", {"a.txt"}, "diff"}, nullptr, {"0.7 -> 0.9 (a.txt:1)"}, gave(2), effects,
              began);
  CHECK(d.state.iteration == 2);
  CHECK(d.state.in_step == session_step::decide);
  CHECK(commit_message(d).starts_with("autoresearch prune: "));
  CHECK(contains(commit_message(d), "0.7 -> 0.9 (a.txt:1)"));
  CHECK(contains(commit_message(d), "Ratchet-Session: 0123456789ab"));
  auto kept = finish_kept(d, "pruned", effects, began);
  CHECK(kept.total_improvements == 1);
  CHECK(d.state.head == "pruned");
  CHECK(contains(progress_of(d, began).pruned, "0.7 -> 0.9"));
  auto again = begin_prune(d, began);
  REQUIRE(again);
  CHECK(*again == "that was done before");
}

TEST_CASE("a gate that refuses it leaves nothing pruned") {
  auto d = begun_with({}, gave(1));
  iteration(d, 2, true);
  REQUIRE(begin_prune(d, began));
  step_effects effects;
  take_pruned(d, {"tree", {"a.txt"}, "diff"}, nullptr, {"part"}, gave(2), effects, began);
  finish_reverted(d, "rejected_by_gate", "tests", effects, began);
  CHECK(d.state.pruned.empty());
}

TEST_CASE("there is nothing to prune where nothing was kept, or in the user's own tree") {
  auto d = begun_with({}, gave(1));
  CHECK(*begin_prune(d, began) == "nothing was kept");
  session_settings s;
  s.workspace = workspace_kind::in_place;
  auto in_place = begun_with(s, gave(1));
  iteration(in_place, 2, true);
  CHECK_FALSE(begin_prune(in_place, began)->empty());
  CHECK(in_place.state.in_step == session_step::none);
}
