// SPDX-License-Identifier: MIT
//
// Defects of the module that this grew from: the order of steps.
#include <csignal>
#include <memory>

#include "tests/end_to_end/seed_defects.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

// -- the order of steps ---------------------------------------------------------------------------

TEST_CASE("D15 a decision asked for twice is taken once") {
  laboratory lab;
  auto id = lab.start();
  json first = iterate(lab, id, better);
  json second = step(lab, "decide", id);
  CHECK(second.value("repeated", false));
  CHECK(second["commit"] == first["commit"]);
  CHECK(second.value("total_improvements", 0) == 1);
  CHECK(lab.git("rev-list --count main.." + branch(id)) == "1\n");
}

TEST_CASE("D16 D17 D18 what was not measured is not kept, nor measured twice, nor edited over") {
  laboratory lab;
  auto id = lab.start();
  CHECK(code_of(lab, "run", id) == "wrong_step");
  CHECK(lab.status(id).value("spark_consumed", -1) == 0);
  lab.edit_to(id, "score: 77\n");
  CHECK(code_of(lab, "decide", id) == "wrong_step");
  auto again = lab.call("autoresearch_edit", {{"session_id", id}, {"content", better}});
  CHECK(again.answer().value("code", "") == "wrong_step");
  CHECK(step(lab, "run", id).value("metric_value", 0.0) == 77.0);
  CHECK(code_of(lab, "run", id) == "wrong_step");
  CHECK(lab.status(id).value("spark_consumed", -1) == 4);
}

TEST_CASE("D19 D20 an edit of nothing is no success, and iterations end at their limit") {
  laboratory lab;
  auto id = lab.start({{"max_iterations", 2}});
  for (int i = 0; i < 3; ++i)  // a slip is free, the third in a row is an iteration
    CHECK(lab.edit_to(id, "score: 5\n").value("success", true) == false);
  CHECK(lab.status(id).value("spark_consumed", -1) == 0);
  iterate(lab, id, worse);
  json spent = lab.edit_to(id, better);
  CHECK(spent.value("budget_exhausted", false));
  CHECK(lab.status(id).value("status", "") == "budget_exhausted");
  CHECK(lab.status(id).value("iteration", -1) == 2);
}

TEST_CASE("D21 a session never spends more sparks than it has") {
  laboratory lab;
  auto id = lab.start({{"spark_budget", 11}, {"spark_per_iteration", 4}});
  iterate(lab, id, better);
  json second = iterate(lab, id, still_better);
  CHECK(second.value("spark_consumed", -1) == 8);
  CHECK(second.value("should_continue", true) == false);
  json spent = lab.edit_to(id, "score: 8\n");
  CHECK(spent.value("budget_exhausted", false));
  CHECK(spent.value("spark_consumed", -1) == 8);
  CHECK(spent.value("spark_budget", -1) == 11);
}

TEST_CASE("D22 an ended session takes no step, and finalize says what it reverts") {
  laboratory lab;
  auto id = lab.start();
  lab.edit_to(id, better);
  step(lab, "run", id);
  json done = step(lab, "finalize", id);
  CHECK(done.value("total_improvements", -1) == 0);
  CHECK(done.dump().find("undecided") != std::string::npos);
  for (const char* tool : {"edit", "run", "decide"})
    CHECK(code_of(lab, tool, id) == "session_ended");
  CHECK(step(lab, "finalize", id).value("repeated", false));
  auto results = report_of(lab, id)["results"];
  REQUIRE(results.size() == 2);
  CHECK(results[1].value("decision", "") == "reverted");
}

TEST_CASE("D23 four decisions at once are one improvement") {
  laboratory lab;
  auto id = lab.start();
  lab.edit_to(id, better);
  step(lab, "run", id);
  std::vector<std::unique_ptr<process>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::make_unique<process>(
        lab.command({"call", "autoresearch_decide", json{{"session_id", id}}.dump()}),
        lab.folder.path));
  for (auto& p : all) {
    json answer = p->end().answer();
    CAPTURE(answer.dump());
    CHECK(
        (answer.value("total_improvements", 0) == 1 || answer.value("code", "") == "session_busy"));
  }
  CHECK(lab.status(id).value("total_improvements", -1) == 1);
  CHECK(lab.git("rev-list --count main.." + branch(id)) == "1\n");
}

TEST_CASE("D24 a candidate that a gate refused is not among the kept") {
  laboratory lab;
  json gate{{"name", "mine"}, {"command", "grep 5 p.txt && exit 0; echo not on a Monday; exit 1"}};
  auto id = lab.start({{"gates", json::array({gate})}});
  json answer = iterate(lab, id, better);
  CHECK(answer.value("decision", "") == "rejected_by_gate");
  CHECK(answer.value("reason", "").find("not on a Monday") != std::string::npos);
  CHECK(answer.value("total_improvements", -1) == 0);
  CHECK(lab.status(id).value("last_rejection_reason", "") == "mine: not on a Monday");
  step(lab, "finalize", id);
  CHECK(report_of(lab, id)["results"][1].value("decision", "") == "rejected_by_gate");
  CHECK(read_text(lab.state / "reports" / id / "results.tsv").find("keep\tno hypothesis") ==
        std::string::npos);
}

TEST_CASE("D25 no baseline, no session, unless asked for") {
  laboratory lab;
  json refused = baseline(lab, "echo nothing");
  CHECK(refused.value("code", "") == "baseline_failed");
  json allowed = baseline(lab, "grep -v 5 p.txt; true", {{"allow_missing_baseline", true}});
  CHECK(allowed.value("status", "") == "running");
  CHECK(allowed["baseline_metric"].is_null());
  CHECK(iterate(lab, allowed.value("session_id", ""), better).value("decision", "") == "kept");
}

TEST_CASE("D26 a gain within min_delta is none") {
  laboratory lab;
  auto id = lab.start({{"min_delta", 1}});
  CHECK(iterate(lab, id, better).value("decision", "") == "reverted");
  CHECK(iterate(lab, id, still_better).value("decision", "") == "kept");
}

TEST_CASE("D26 with repeats a candidate must win against the code it replaces, measured again") {
  laboratory lab;
  auto id = lab.start({{"repeats", 5}});
  lab.edit_to(id, better);
  json ran = step(lab, "run", id);
  CHECK(ran.value("improved", false));
  CHECK(ran["samples"].size() >= 5);
  CHECK(ran.contains("spread"));
  CHECK(step(lab, "decide", id).value("spark_consumed", -1) == 4);
}

TEST_CASE("D27 an unknown direction and a budget of no time are refused") {
  laboratory lab;
  CHECK(baseline(lab, "cat p.txt", {{"metric_direction", "up"}}).value("field", "") ==
        "metric_direction");
  CHECK(baseline(lab, "cat p.txt", {{"time_budget_s", -1}}).value("field", "") == "time_budget_s");
  auto id = lab.start({{"metric_direction", "lower_is_better"}});
  CHECK(iterate(lab, id, worse).value("decision", "") == "kept");
}
