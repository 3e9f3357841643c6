// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/runtime/cli/played_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::cli;

TEST_CASE("a search goes setup, edit, run, decide, and compares before it finalizes") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.edit_applied(2);
  lab.measured(1, 2.0);
  lab.measured(2, 1.5);
  lab.decided(1, "kept", 2.0, true);
  lab.decided(2, "reverted", 2.0, false);
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(lab.calls == std::vector<std::string>{
                         "autoresearch_setup", "autoresearch_edit", "autoresearch_run",
                         "autoresearch_decide", "autoresearch_edit", "autoresearch_run",
                         "autoresearch_decide", "prune", "compare", "autoresearch_finalize"});
  REQUIRE(lab.lines.size() == 2);
  CHECK(lab.lines[0].decision == "kept");
  CHECK(lab.lines[0].hypothesis == "idea 1");
  CHECK(lab.lines[0].metric == 2.0);
  CHECK(lab.lines[1].best == 2.0);
  CHECK(lab.last.kept == 1);
  CHECK(lab.last.reverted == 1);
  CHECK(lab.last.spark_consumed == 8);
  CHECK(lab.last.phase == search_phase::over);
  REQUIRE(r.compared.has_value());
  CHECK(r.compared->gain_percent == 100.0);
}

TEST_CASE("nothing kept, nothing compared") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 0.5);
  lab.decided(1, "reverted", 1.0, false);
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(lab.count("compare") == 0);
  CHECK(r.not_compared == "nothing was kept");
}

TEST_CASE("a comparison that fails costs the search nothing but the comparison") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 2.0);
  lab.decided(1, "kept", 2.0, false);
  lab.compared = fail(errc::process_failed, "no slot");
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(r.not_compared == "no slot");
}

TEST_CASE("a comparison that there is no time for says how to get it") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 2.0);
  lab.decided(1, "kept", 2.0, false);
  lab.compared->error = "left out: a pair of runs takes about 40 s";
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(r.not_compared ==
        "left out: a pair of runs takes about 40 s; --pairs 6 makes it whatever it takes");
  search_options none;
  none.compare = false;
  CHECK(lab.run(none).not_compared == "not asked for");
}

TEST_CASE("what speaks against a run is told once a kind, while the search goes on") {
  played_laboratory lab;
  for (int n : {1, 2}) {
    lab.edit_applied(n);
    lab.measured(n, 0.5);
    lab.answers["autoresearch_run"].back()["warnings"] = {
        "run_command built nothing of this edit, so that it may be the best code's",
        "off its record: by " + std::to_string(n)};
    lab.decided(n, "reverted", 1.0, n < 2);
  }
  lab.run();
  CHECK(lab.last.warnings ==
        std::vector<std::string>{
            "run_command built nothing of this edit, so that it may be the best code's",
            "off its record: by 1"});
}

TEST_CASE("a crashed run is decided on and counts as failed") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, nullptr, "ValueError");
  lab.decided(1, "reverted", 1.0, false);
  lab.run();
  REQUIRE(lab.lines.size() == 1);
  CHECK(lab.lines[0].crashed);
  CHECK(lab.lines[0].reason == "ValueError");
  CHECK(lab.last.failed == 1);
  CHECK(lab.last.reverted == 0);
}

TEST_CASE("patience counts failed edits in a row, an applied one starts it anew") {
  played_laboratory lab;
  lab.edit_failed(1);
  lab.edit_failed(2);
  lab.edit_applied(3);
  lab.edit_failed(4);  // and so on
  lab.measured(3, 1.0);
  lab.decided(3, "reverted", 1.0, true);
  search_options options;
  options.patience = 3;
  auto r = lab.run(options);
  CHECK(r.finished);
  CHECK(lab.count("autoresearch_edit") == 6);
  CHECK(r.ended_by.find("3 edits in a row failed") != std::string::npos);
  CHECK(r.ended_by.find("nothing usable") != std::string::npos);
}

TEST_CASE("a spent budget ends the search and the report is written") {
  played_laboratory lab;
  lab.answers["autoresearch_edit"] = {
      {{"budget_exhausted", true}, {"reason", "spark"}, {"spark_consumed", 200}}};
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(r.ended_by == "the budget is spent: spark");
  CHECK(lab.last.spark_consumed == 200);
}

TEST_CASE("the end names the budget that decide names") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 2.0);
  lab.decided(1, "kept", 2.0, false);
  lab.answers["autoresearch_decide"][0]["ended_by"] = "spark: all consumed; raise spark_budget";
  CHECK(lab.run().ended_by == "the budget is spent: spark: all consumed; raise spark_budget");
}

TEST_CASE("an edit that can never work ends the search at once, as a failure with a report") {
  played_laboratory lab;
  lab.answers["autoresearch_edit"] = {{{"success", false},
                                       {"permanent", true},
                                       {"iteration", 0},
                                       {"reason", "no literal to change"}}};
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(r.failed);
  CHECK(r.ended_by == "no edit can come of this: no literal to change");
  CHECK(lab.count("autoresearch_edit") == 1);
  CHECK(lab.count("autoresearch_finalize") == 1);
}

TEST_CASE("a session that was never opened is nothing to go on with") {
  played_laboratory lab;
  lab.answers["get_autoresearch_status"] = {{{"error", "no such session"}, {"code", "unknown"}}};
  search_options options;
  options.resume_id = played_id;
  lab.run(options);
  CHECK_FALSE(lab.last.opened);
}

TEST_CASE("why a candidate lost is in its line") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 0.5);
  lab.decided(1, "reverted", 1.0, false);
  lab.answers["autoresearch_decide"][0]["reason"] = "not better than the best 1";
  lab.run();
  REQUIRE(lab.lines.size() == 1);
  CHECK(lab.lines[0].reason == "not better than the best 1");
}

TEST_CASE("what brings nothing is taken back before the comparison, unless that is not wanted") {
  for (bool wanted : {true, false}) {
    played_laboratory lab;
    lab.edit_applied(1);
    lab.measured(1, 2.0);
    lab.decided(1, "kept", 2.0, false);
    lab.pruned.commit = "abc";
    lab.pruned.iteration = 2;
    lab.pruned.best_metric = 2.1;
    search_options options;
    options.prune = wanted;
    auto r = lab.run(options);
    CHECK(lab.count("prune") == (wanted ? 1 : 0));
    CHECK(lab.last.best == (wanted ? 2.1 : 2.0));
    CHECK(lab.calls[lab.calls.size() - 2] == "compare");
    CHECK(r.pruned.has_value() == wanted);
  }
}

TEST_CASE("warnings of setup and decide are told, each once") {
  played_laboratory lab;
  lab.answers["autoresearch_setup"][0]["warnings"] = {"no gate, no check, no guard"};
  lab.edit_applied(1);
  lab.measured(1, 2.0);
  lab.decided(1, "kept", 2.0, false);
  lab.answers["autoresearch_decide"][0]["warnings"] = {"too good", "no gate, no check, no guard"};
  lab.run();
  CHECK(lab.last.warnings == std::vector<std::string>{"no gate, no check, no guard", "too good"});
}

TEST_CASE("fewer sparks than iterations are said at the start, and which setting raises them") {
  played_laboratory lab;
  lab.answers["autoresearch_setup"][0]["max_iterations"] = 55;
  lab.stop = true;
  lab.run();
  REQUIRE(lab.last.remarks.size() == 1);
  CHECK(lab.last.remarks[0].find("pays for 50 runs at 4 each, of 55 iterations") !=
        std::string::npos);
  CHECK(lab.last.remarks[0].find("--spark-budget") != std::string::npos);
}

TEST_CASE("a refused setup ends the search with its error and no further call") {
  played_laboratory lab;
  lab.answers["autoresearch_setup"] = {{{"error", "Baseline failed: exit 1"},
                                        {"code", "baseline_failed"},
                                        {"session_id", played_id}}};
  auto r = lab.run();
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by == "Baseline failed: exit 1");
  CHECK(lab.calls.size() == 1);
}

TEST_CASE("an interruption lets the step come back cancelled, and leaves the session") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.answers["autoresearch_run"] = {{{"error", "cancelled"}, {"code", "cancelled"}}};
  lab.on_call = [&](const std::string& tool) {
    if (tool == "autoresearch_run") lab.stop = true;
  };
  auto r = lab.run();
  CHECK(r.left);
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by == "it was interrupted");
  CHECK(lab.calls.back() == "autoresearch_run");
}

TEST_CASE("where it is to finish, an interruption compares nothing and finalizes") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.answers["autoresearch_run"] = {{{"error", "cancelled"}, {"code", "cancelled"}}};
  lab.on_call = [&](const std::string& tool) {
    if (tool == "autoresearch_run") lab.stop = true;
  };
  search_options options;
  options.finish = true;
  auto r = lab.run(options);
  CHECK(r.finished);
  CHECK_FALSE(r.left);
  CHECK(lab.calls.back() == "autoresearch_finalize");
  CHECK(lab.count("autoresearch_decide") == 0);
}

TEST_CASE("a search that its user pauses ends after the iteration, and goes on when resumed") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.measured(1, 2.0);
  lab.decided(1, "kept", 2.0, true);
  lab.answers["autoresearch_edit"].push_back(
      {{"paused", true}, {"reason", "the user has paused this session"}});
  auto r = lab.run();
  CHECK(r.left);
  CHECK_FALSE(r.failed);
  CHECK(r.ended_by == "it was paused");
  CHECK(lab.calls.back() == "autoresearch_edit");

  played_laboratory again;
  again.answers["get_autoresearch_status"] = {{{"session_id", played_id},
                                               {"status", "running"},
                                               {"step", "autoresearch_edit"},
                                               {"paused", true},
                                               {"iteration", 1},
                                               {"max_iterations", 3}}};
  again.answers["autoresearch_steer"] = {{{"session_id", played_id}, {"paused", false}}};
  again.edit_applied(2);
  again.measured(2, 3.0);
  again.decided(2, "kept", 3.0, false);
  search_options options;
  options.resume_id = played_id;
  CHECK(again.run(options).finished);
  CHECK(again.calls[1] == "autoresearch_steer");
}

TEST_CASE("an interruption between two steps begins no other") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.on_call = [&](const std::string& tool) {
    if (tool == "autoresearch_edit") lab.stop = true;
  };
  CHECK(lab.run().left);
  CHECK(lab.count("autoresearch_run") == 0);
}

TEST_CASE("an error of the laboratory leaves the session as it is") {
  played_laboratory lab;
  lab.answers["autoresearch_edit"] = {{{"error", "disk full"}, {"code", "store_failed"}}};
  auto r = lab.run();
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by == "disk full");
  CHECK(lab.count("autoresearch_finalize") == 0);
}

TEST_CASE("a resumed search goes on at the step that the session expects") {
  played_laboratory lab;
  lab.answers["get_autoresearch_status"] = {{{"session_id", played_id},
                                             {"status", "running"},
                                             {"step", "autoresearch_decide"},
                                             {"iteration", 2},
                                             {"max_iterations", 5},
                                             {"baseline_metric", 1.0},
                                             {"best_metric", 1.5},
                                             {"total_improvements", 1},
                                             {"metric_name", "score"}}};
  lab.decided(2, "kept", 2.0, false);
  search_options options;
  options.resume_id = played_id;
  auto r = lab.run(options);
  CHECK(r.finished);
  CHECK(lab.calls[1] == "autoresearch_decide");
  CHECK(lab.count("autoresearch_setup") == 0);
  CHECK(lab.last.kept == 2);
}

TEST_CASE("a finalized session cannot be resumed") {
  played_laboratory lab;
  lab.answers["get_autoresearch_status"] = {
      {{"session_id", played_id}, {"status", "completed"}, {"step", "none"}}};
  search_options options;
  options.resume_id = played_id;
  auto r = lab.run(options);
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by.find("nothing to resume") != std::string::npos);
}
