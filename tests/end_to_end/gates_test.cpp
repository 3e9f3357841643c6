// SPDX-License-Identifier: MIT
//
// Gates that are commands, and metrics that Ratchet measures itself, on the whole program.
#include "tests/end_to_end/seed_defects.hpp"

namespace ratchet::e2e {
namespace {

json gate_that(const std::string& command, double timeout_s = 30) {
  return {{"gates",
           json::array({{{"name", "tests"}, {"command", command}, {"timeout_s", timeout_s}}})}};
}

/// A gate that passes on the baseline and ends like this on anything else.
json gate_that_ends(const std::string& how, double timeout_s = 30) {
  return gate_that("if grep -q 5 p.txt; then exit 0; fi; " + how, timeout_s);
}

TEST_CASE("every end of a gate's command but exit code 0 refuses the candidate") {
  laboratory lab;
  struct {
    const char* how;
    const char* said;
  } const ends[] = {
      {"exit 1", "refused without a reason"},
      {"exit 2", "exit code 2"},
      {"echo Errors while running CTest; exit 8", "exit code 8: Errors while running CTest"},
      {"exit 101", "exit code 101"},
      {"kill -KILL $$", "ended by signal 9 (SIGKILL)"},
      {"kill -SEGV $$", "ended by signal 11 (SIGSEGV)"},
      {"pytset", "exit code 127: "},
      {"./p.txt", "exit code 126: "}};
  for (const auto& end : ends) {
    CAPTURE(end.how);
    auto id = lab.start(gate_that_ends(end.how));
    json decided = iterate(lab, id, better);
    CHECK(decided.value("decision", "") == "rejected_by_gate");
    CHECK(decided.value("reason", "").starts_with(std::string("tests: ") + end.said));
    CHECK(decided.value("total_improvements", -1) == 0);
    CHECK_FALSE(decided.contains("not_enforced"));
  }
}

TEST_CASE("a gate that takes too long refuses, and leaves nothing running") {
  laboratory lab;
  auto held = lab.fifo().string();
  auto id = lab.start(gate_that_ends("exec 9<>'" + held + "'; sleep 60", 0.5));
  json decided = iterate(lab, id, better);
  CHECK(decided.value("decision", "") == "rejected_by_gate");
  CHECK(decided.value("reason", "") == "tests: took longer than 0.5 s");
  CHECK(lab.fifo_is_free());
}

TEST_CASE("a gate that the unmodified code does not pass fails the setup with its output") {
  laboratory lab;
  for (const char* policy : {"open", "closed"}) {
    json refused = baseline(lab, "cat p.txt",
                            gate_that("printf 'test a ... ok\\ntest b ... FAILED\\n'; exit 101"));
    CAPTURE(refused.dump());
    CHECK(refused.value("code", "") == "baseline_failed");
    const std::string error = refused.value("error", "");
    CHECK(
        error.starts_with("Baseline failed: gate \"tests\" does not pass on the unmodified code: "
                          "exit code 101: test b ... FAILED"));
    CHECK(error.ends_with("\ntest a ... ok\ntest b ... FAILED"));
    CHECK(lab.status(refused.value("session_id", "")).value("status", "") == "failed");
    json absent = baseline(
        lab, "cat p.txt",
        {{"gates", json::array({{{"name", "tests"}, {"command", json::array({"./not-there"})}}})},
         {"on_gate_error", policy}});
    CHECK(absent.value("error", "").find("gate \"tests\" does not pass") != std::string::npos);
    CHECK(absent.value("error", "").find("./not-there") != std::string::npos);
  }
}

TEST_CASE("a gate sees what the run left on the baseline too, and leaves nothing of its own") {
  laboratory lab;
  json more = gate_that("test -e product && touch mess && ! test -e mess.seen");
  more["run_command"] = "cat p.txt; touch product; if [ -e mess ]; then touch mess.seen; fi";
  auto id = lab.start(more);
  CHECK_FALSE(fs::exists(lab.worktree(id) / "mess"));
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
}

TEST_CASE("a refusal is told with the end of what the gate printed") {
  laboratory lab;
  auto id =
      lab.start(gate_that_ends("printf '\\033[31mtest a ... ok\\033[0m\\nFAILED b.py::test_b - "
                               "assert 1 == 2\\n1 failed\\n'; "
                               "exit 1"));
  json decided = iterate(lab, id, better);
  const std::string line = "tests: FAILED b.py::test_b - assert 1 == 2";
  const std::string tail = "test a ... ok\nFAILED b.py::test_b - assert 1 == 2\n1 failed";
  CHECK(decided.value("reason", "") == line + "\n" + tail);
  CHECK(lab.status(id).value("last_rejection_reason", "") == line);
  const std::string shown = lab.run({"show", id, "1"}).out;
  CHECK(shown.find("FAILED b.py::test_b - assert 1 == 2\n") != std::string::npos);
  CHECK(shown.find("  1 failed\n") != std::string::npos);
  CHECK(lab.run({"show", id}).out.find("1 failed") == std::string::npos);
  const std::string events = lab.run({"events", "--json"}).out;
  CHECK(events.find("\"output_tail\":\"test a ... ok\\nFAILED") != std::string::npos);
}

TEST_CASE("what was not enforced is told by decide, status, finalize, show and the report") {
  laboratory lab;
  const fs::path rules = lab.folder.path / "rules.json";
  write_text(rules, R"({"version": 1, "rules": []})");
  auto id = lab.start({{"constitution", rules.string()}});
  fs::remove(rules);
  json decided = iterate(lab, id, better);
  CHECK(decided.value("decision", "") == "kept");
  REQUIRE(decided["not_enforced"].size() == 1);
  const std::string told = decided["not_enforced"][0];
  CHECK(told.starts_with("constitutional: could not be asked: "));
  CHECK(iterate(lab, id, still_better)["not_enforced"] == json{told});
  CHECK(lab.status(id)["not_enforced"] == json{told});
  CHECK(lab.run({"show", id}).out.find("constitutional: could not be asked") != std::string::npos);
  CHECK(step(lab, "finalize", id)["not_enforced"] == json{told});
  CHECK(report_of(lab, id)["session"]["not_enforced"] == json{told});
  CHECK(lab.run({"show", id}).out.find("federation") == std::string::npos);
}

TEST_CASE("processor time that Ratchet measures is the metric, whatever the program prints") {
  laboratory lab;
  json opened =
      baseline(lab, "echo cpu_s: 0; cat p.txt; perl -e 'while ((times)[0] + (times)[1] < 0.2) {}'",
               {{"metric_pattern", "@cpu_s"}, {"repeats", 1}});
  CAPTURE(opened.dump());
  CHECK(opened.value("metric_name", "") == "cpu_s");
  CHECK(opened.value("metric_direction", "") == "lower_is_better");
  CHECK(opened.value("metric_source", "") == "measured");
  CHECK(opened.value("baseline_metric", 0.0) >= 0.18);
  CHECK(opened.value("baseline_metric", 0.0) < 5);
}

TEST_CASE("every result has the time, the processor time and the memory of a run") {
  laboratory lab;
  const char* command =
      "cat p.txt; perl -e 'my $x = q(); vec($x, 100e6, 8) = 1;'; ! grep -q 7 p.txt";
  auto id = lab.start(
      {{"run_command", command},
       {"guard_metrics", json::array({{{"name", "memory"}, {"pattern", "@max_rss_mb"}}})}});
  lab.edit_to(id, better);
  json ran = step(lab, "run", id);
  CHECK(ran.value("max_rss_mb", 0.0) > 100);
  CHECK(ran.value("max_rss_mb", 0.0) < 140);
  CHECK(ran.value("wall_s", 0.0) > 0);
  CHECK(ran.value("cpu_s", 0.0) > 0);
  CHECK(step(lab, "decide", id).value("decision", "") == "kept");
  lab.edit_to(id, "score: 7\n");
  json failed = step(lab, "run", id);
  CHECK(failed["metric_value"].is_null());
  CHECK(failed.value("max_rss_mb", 0.0) > 100);
  step(lab, "decide", id);
  CHECK(lab.run({"show", id, "1"}).out.find(" MB") != std::string::npos);
  step(lab, "finalize", id);
  CHECK(read_text(lab.state / "reports" / id / "results.tsv").find("\t0.1") != std::string::npos);
}

TEST_CASE("a guard that is measured refuses what takes more memory") {
  laboratory lab;
  auto id = lab.start(
      {{"run_command",
        "cat p.txt; if grep -q 6 p.txt; then perl -e 'my $x = q(); vec($x, 50e6, 8) = 1;'; fi"},
       {"guard_metrics", json::array({{{"name", "memory"}, {"pattern", "@max_rss_mb"}}})}});
  json decided = iterate(lab, id, better);
  CHECK(decided.value("decision", "") == "rejected_by_gate");
  CHECK(decided.value("reason", "").find("memory ") != std::string::npos);
}

TEST_CASE("instructions are counted or refused with a way out") {
  laboratory lab;
  json opened = baseline(lab, "cat p.txt", {{"metric_pattern", "@instructions"}});
  if (opened.contains("error")) {
    CHECK(opened.value("code", "") == "baseline_failed");
    CHECK(opened.value("error", "").find("\"@cpu_s\"") != std::string::npos);
  } else {
    CHECK(opened.value("baseline_metric", 0.0) > 10'000);
  }
}

}  // namespace
}  // namespace ratchet::e2e
