// SPDX-License-Identifier: MIT
#include "actors/logic/session_ledger.hpp"

#include <doctest/doctest.h>

#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

constexpr std::int64_t start = 1'000'000;

session_document new_session(int max_iterations = 50, int spark_budget = 200, int spark = 4) {
  session_document d;
  d.session_id = "0123456789ab";
  changed(d.settings)->target_files = {"a.txt"};
  changed(d.settings)->max_iterations = max_iterations;
  changed(d.settings)->spark_budget = spark_budget;
  changed(d.settings)->spark_per_iteration = spark;
  return d;
}

run_result measured(double value, bool improved = false) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  return r;
}

session_document opened_session(int max_iterations = 50, int spark_budget = 200, int spark = 4) {
  auto d = new_session(max_iterations, spark_budget, spark);
  step_effects effects;
  begin_setup(d, start);
  workspace_ready(d, {"/w", "base", "tree0", "ratchet/0123456789ab", {}});
  REQUIRE(finish_setup(d, measured(1.0), effects, start + 5));
  return d;
}

edit_outcome applied(const std::string& tree) {
  edit_outcome o;
  o.applied = candidate{};
  o.applied->tree = tree;
  o.applied->hypothesis = "try " + tree;
  o.applied->files_changed = {"a.txt"};
  return o;
}

edit_answer edit(session_document& d, const edit_outcome& outcome, std::int64_t now = start) {
  step_effects effects;
  auto begun = begin_edit(d, effects, now);
  REQUIRE(begun);
  if (*begun) return **begun;
  return finish_edit(d, outcome, effects, now);
}

run_answer run(session_document& d, const run_result& r) {
  step_effects effects;
  REQUIRE(begin_run(d, start));
  return finish_run(d, r, effects, start);
}

decide_answer decide(session_document& d) {
  step_effects effects;
  auto begun = begin_decide(d, start);
  REQUIRE(begun);
  if (begun->repeated) return *begun->repeated;
  if (begun->needed == verdict_needed::judge)
    return finish_kept(d, "commit" + std::to_string(d.state.iteration), effects, start);
  return finish_reverted(d, "reverted", "not better", effects, start);
}

}  // namespace

TEST_CASE("a session goes from setup through edit, run and decide to the next edit") {
  auto d = opened_session();
  CHECK(d.state.status == session_status::running);
  CHECK(edit(d, applied("t1")).success == true);
  CHECK(run(d, measured(2.0, true)).improved);
  auto answer = decide(d);
  CHECK(answer.decision == "kept");
  CHECK(answer.best_metric == 2.0);
  CHECK(answer.best_iteration == 1);
  CHECK(answer.total_improvements == 1);
  CHECK(answer.should_continue);
  CHECK(d.state.next == session_step::edit);
  CHECK(d.state.head == "commit1");
}

TEST_CASE("a step out of order names the step that is expected and changes nothing") {
  auto d = opened_session();
  auto before = to_text(d.state);
  auto run_first = begin_run(d, start);
  REQUIRE(!run_first);
  CHECK(run_first.error().code == errc::wrong_step);
  CHECK(run_first.error().details["expected"] == "autoresearch_edit");
  auto decide_first = begin_decide(d, start);
  REQUIRE(!decide_first);
  CHECK(decide_first.error().details["expected"] == "autoresearch_edit");
  CHECK(to_text(d.state) == before);
}

TEST_CASE("D16 an edit cannot be decided before it was run, nor edited over (D18)") {
  auto d = opened_session();
  edit(d, applied("t1"));
  auto decided = begin_decide(d, start);
  REQUIRE(!decided);
  CHECK(decided.error().details["expected"] == "autoresearch_run");
  step_effects effects;
  auto again = begin_edit(d, effects, start);
  REQUIRE(!again);
  CHECK(again.error().code == errc::wrong_step);
}

TEST_CASE("D15 deciding twice repeats the answer and counts nothing twice") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  auto first = decide(d);
  auto second = decide(d);
  CHECK(second.repeated);
  CHECK(second.total_improvements == 1);
  CHECK(second.commit == first.commit);
  CHECK(d.state.total_improvements == 1);
}

TEST_CASE("200 sparks at 4 are exactly 50 runs, and never more is consumed than the budget") {
  auto d = opened_session(1000, 200, 4);
  int runs = 0;
  while (true) {
    auto answer = edit(d, applied("t" + std::to_string(runs)));
    if (answer.budget_exhausted) {
      CHECK(answer.reason.rfind("spark", 0) == 0);
      break;
    }
    run(d, measured(0.5));
    decide(d);
    ++runs;
    REQUIRE(runs <= 50);
  }
  CHECK(runs == 50);
  CHECK(d.state.spark_consumed == 200);
  CHECK(d.state.status == session_status::budget_exhausted);
}

TEST_CASE(
    "an edit that does not apply is an iteration from the third in a row on, and no spark (D19)") {
  auto d = opened_session(2);
  edit_outcome nothing;
  nothing.reason = "no change";
  for (int slip = 0; slip < 2; ++slip) {
    auto answer = edit(d, nothing);
    CHECK(answer.success == false);
    CHECK(answer.reason == "no change");
    CHECK(answer.iteration == 0);
  }
  CHECK(d.state.next == session_step::edit);
  CHECK(edit(d, nothing).iteration == 1);
  CHECK(d.current.decision == "edit_failed");
  CHECK(edit(d, nothing).iteration == 2);
  CHECK(d.state.spark_consumed == 0);
  CHECK(edit(d, nothing).budget_exhausted == true);  // D20: max_iterations is enforced
}

TEST_CASE("an edit that applies forgives the slips before it") {
  auto d = opened_session(5);
  edit_outcome nothing;
  nothing.reason = "no change";
  for (int round = 0; round < 2; ++round) {
    edit(d, nothing);
    edit(d, nothing);
    CHECK(d.state.iteration == round);
    REQUIRE(edit(d, applied("t" + std::to_string(round))).success == true);
    run(d, measured(0.5));
    decide(d);
  }
  CHECK(d.state.iteration == 2);
}

TEST_CASE("an interrupted run is begun again at no further spark") {
  auto d = opened_session();
  edit(d, applied("t1"));
  REQUIRE(begin_run(d, start));
  CHECK(d.state.spark_consumed == 4);
  std::string note;
  CHECK(plan_recovery(d, note) == recovery::restore_candidate);
  CHECK(note.find("iteration 1") != std::string::npos);
  abandon_step(d);
  REQUIRE(begin_run(d, start));
  CHECK(d.state.spark_consumed == 4);
}

TEST_CASE("a promotion whose intent is stored is finished after a crash") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  REQUIRE(begin_decide(d, start)->needed == verdict_needed::judge);
  std::string note;
  CHECK(plan_recovery(d, note) == recovery::redo);
  d.state.intent = keep_intent{"c1", "base"};
  CHECK(plan_recovery(d, note) == recovery::finish_keep);
}

TEST_CASE("D25 a baseline without a metric fails the session unless it was allowed") {
  for (bool allowed : {false, true}) {
    auto d = new_session();
    changed(d.settings)->allow_missing_baseline = allowed;
    step_effects effects;
    begin_setup(d, start);
    auto opened = finish_setup(d, run_result{}, effects, start);
    CHECK(opened.has_value() == allowed);
    if (allowed) continue;
    CHECK(opened.error().code == errc::baseline_failed);
    CHECK(opened.error().text.rfind("Baseline failed: ", 0) == 0);
    CHECK(opened.error().details["session_id"] == d.session_id);
    CHECK(d.state.status == session_status::failed);
    REQUIRE(effects.events.size() == 1);
    CHECK(effects.events[0].topic == "autoresearch.failed");
  }
}

TEST_CASE("D22 finalize says which candidate was undecided, and a second one answers the same") {
  auto d = opened_session();
  edit(d, applied("t1"));
  auto begun = begin_finalize(d, start);
  REQUIRE(begun);
  CHECK(begun->revert);
  step_effects effects;
  auto answer = finish_finalize(d, "iteration 1 was undecided", effects, start + 2500);
  CHECK(answer.status == session_status::completed);
  CHECK(answer.reverted == "iteration 1 was undecided");
  CHECK(answer.elapsed_s == doctest::Approx(2.5));
  CHECK(answer.branch.empty());
  auto again = begin_finalize(d, start + 9000);
  REQUIRE(again);
  REQUIRE(again->repeated);
  CHECK(again->repeated->repeated);
  CHECK(again->repeated->elapsed_s == doctest::Approx(2.5));
  auto late = begin_run(d, start);
  REQUIRE(!late);
  CHECK(late.error().code == errc::session_ended);
}

TEST_CASE("a refusal by a gate counts, is named, and leaves the best as it was (D24)") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  REQUIRE(begin_decide(d, start));
  step_effects effects;
  judgement j;
  j.verdicts = {{"constitutional", true, false, "", {}},
                {"baseline_delta", false, true, "latency 1 -> 2", {"latency 1 -> 2"}}};
  take_judgement(d, j, effects, start);
  auto answer =
      finish_reverted(d, "rejected_by_gate", d.state.last_rejection_reason, effects, start);
  CHECK(d.state.baseline_rejections == 1);
  CHECK(d.state.constitutional_enforced == false);
  CHECK(d.state.last_rejection_reason == "baseline_regression: latency 1 -> 2");
  CHECK(answer.best_metric == 1.0);
  CHECK(answer.total_improvements == 0);
  CHECK(d.current.decision == "rejected_by_gate");
  CHECK(effects.events[0].topic == "autoresearch.rejected");
}

TEST_CASE("a refusal has the end of the gate's output, and one line where there is room for one") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  REQUIRE(begin_decide(d, start));
  step_effects effects;
  judgement j;
  j.verdicts = {{"tests", false, true, "exit code 8: b failed", {}, "a passed\nb failed"}};
  auto refusal = take_judgement(d, j, effects, start);
  CHECK(refusal == "tests: exit code 8: b failed\na passed\nb failed");
  CHECK(d.state.last_rejection_reason == "tests: exit code 8: b failed");
  CHECK(effects.events[0].payload["output_tail"] == "a passed\nb failed");
  CHECK(effects.events[0].payload["reason"] == "exit code 8: b failed");
  auto answer = finish_reverted(d, "rejected_by_gate", refusal, effects, start);
  CHECK(answer.reason == refusal);
  CHECK(d.current.reason == refusal);
  CHECK(effects.events[1].payload["reason"] == "tests: exit code 8: b failed");
}

TEST_CASE("a gate that was not enforced is told with the decision, and once by the session") {
  auto d = opened_session();
  judgement j;
  j.verdicts = {{"constitutional", true}, {"mine", true, false, "could not be asked: gone"}};
  const std::vector<std::string> told{"mine: could not be asked: gone"};
  step_effects effects;
  for (const char* tree : {"t1", "t2"}) {
    edit(d, applied(tree));
    run(d, measured(2.0, true));
    REQUIRE(begin_decide(d, start));
    CHECK(take_judgement(d, j, effects, start) == "");
    CHECK(finish_kept(d, "commit", effects, start).not_enforced == told);
  }
  CHECK(d.state.not_enforced == told);
  CHECK(progress_of(d, start).not_enforced == told);
  edit(d, applied("t3"));
  run(d, measured(1.0, false));
  CHECK(decide(d).not_enforced.empty());
  CHECK(finish_finalize(d, "", effects, start).not_enforced == told);
}

TEST_CASE("an interrupted promotion is kept under the very commit it was meant to be") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  REQUIRE(begin_decide(d, start));
  const std::string commit(40, 'c');
  d.state.intent = keep_intent{commit, "parent"};
  step_effects effects;
  auto answer = finish_kept(d, d.state.intent->commit, effects, start);  // its own text, in place
  CHECK(answer.commit == commit);
  CHECK(d.current.commit == commit);
  CHECK(d.state.head == commit);
  CHECK(!d.state.intent);
}

TEST_CASE("a kept edit of the formula that computes the metric carries a warning") {
  auto d = opened_session();
  edit(d, applied("t1"));
  run(d, measured(2.0, true));
  changed(d.settings)->metric_name = "score";
  d.current.candidate.diff =
      "--- a/t.py\n+++ b/t.py\n@@ -3,2 +3,2 @@\n x = f()\n-score = x / 10\n+score = x * 10\n";
  auto answer = decide(d);
  CHECK(answer.decision == "kept");
  REQUIRE(answer.warnings.size() == 1);
  CHECK(answer.warnings[0].find("computes or prints score (t.py:4)") != std::string::npos);
  CHECK(decide(d).warnings == answer.warnings);  // repeated
}

TEST_CASE("a session survives being stored and read") {
  auto d = opened_session();
  edit(d, applied("t1"));
  auto stored = d.record(start + 1);
  auto read = session_document::read(stored, d.current);
  REQUIRE(read);
  CHECK(to_text(read->state) == to_text(d.state));
  CHECK(to_text(read->settings) == to_text(d.settings));
  CHECK(read->current.candidate.tree == "t1");
  auto broken = stored;
  broken.state = json{{"status", 7}};
  CHECK(session_document::read(broken, {}).error().code == errc::store_failed);
}

TEST_CASE("the commit message names iteration, metric and session, and keeps to one line (D2)") {
  auto d = opened_session();
  changed(d.settings)->metric_name = "score\n$(touch x)";
  edit(d, applied("t1"));
  run(d, measured(2.5, true));
  auto message = commit_message(d);
  CHECK(message.rfind("autoresearch iter 1: score $(touch x)=2.5 (was 1)\n\ntry t1\n", 0) == 0);
  CHECK(message.find("Ratchet-Session: 0123456789ab\n") != std::string::npos);
}
