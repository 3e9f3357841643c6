// SPDX-License-Identifier: MIT
//
// Defects of the module that this grew from: numbers and processes.
#include <csignal>
#include <memory>

#include "tests/end_to_end/seed_defects.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

// -- numbers --------------------------------------------------------------------------------------

TEST_CASE("D28 D29 D30 D36 numbers are read whole, of the right name, the last that was printed") {
  laboratory lab;
  const std::vector<std::pair<std::string, double>> outputs{
      {"score: -0.5", -0.5},        {"score: 1e-3", 1e-3},
      {"score: 1,234.5", 1234.5},   {"score = +.5", 0.5},
      {"f1_score: 9\nscore: 2", 2}, {"score: 1\nscore: 3\nnot_score: 8", 3},
      {"{\"score\": 0.9}", 0.9}};
  for (const auto& [output, value] : outputs) {
    CAPTURE(output);
    write_text(lab.folder.path / "output", output + "\n");
    CHECK(baseline(lab, "cat '" + (lab.folder.path / "output").string() + "'")
              .value("baseline_metric", json()) == json(value));
  }
}

TEST_CASE("D31 D32 where the pattern finds nothing no other number takes its place") {
  laboratory lab;
  json more{{"metric_pattern", "acc: (\\S+)"}};
  CHECK(baseline(lab, "echo 12 passed; echo loss: 3", more).value("code", "") == "baseline_failed");
  CHECK(baseline(lab, "echo f1_score: 3").value("code", "") == "baseline_failed");
  json fallback = baseline(lab, "echo 12 passed");
  CHECK(fallback.value("baseline_metric", 0.0) == 12.0);
  CHECK(fallback.value("metric_source", "").starts_with("fallback:"));
}

TEST_CASE("D33 no number that is not finite gets in, as a best or into the answers") {
  laboratory lab;
  auto id = lab.start({{"metric_pattern", "score: (\\S+)"}});
  for (const char* text : {"score: nan\n", "score: inf\n", "score: 1e999\n"}) {
    lab.edit_to(id, text);
    auto ran = lab.call("autoresearch_run", {{"session_id", id}});
    CHECK(ran.answer()["metric_value"].is_null());
    CHECK(ran.answer()["error"].is_string());
    CHECK(step(lab, "decide", id).value("decision", "") == "reverted");
  }
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  step(lab, "finalize", id);
  CHECK(report_of(lab, id).is_object());
}

TEST_CASE("D34 a pattern that cannot work is refused before anything runs") {
  laboratory lab;
  std::string ran = (lab.folder.path / "ran").string();
  for (const char* pattern : {"(", "score", "(a)(b)"})
    CHECK(baseline(lab, "touch '" + ran + "'", {{"metric_pattern", pattern}}).value("field", "") ==
          "metric_pattern");
  CHECK_FALSE(fs::exists(ran));
}

TEST_CASE("D35 80 KB of digits and a pattern that explodes take no time") {
  laboratory lab;
  auto began = now_s();
  json found = baseline(lab, "head -c 80000 /dev/zero | tr '\\0' 7; echo; echo 3 passed");
  CHECK(found.value("baseline_metric", 0.0) == 3.0);
  CHECK(now_s() - began < 5);
}

// -- processes ------------------------------------------------------------------------------------

TEST_CASE("D38 D40 a time-out ends every descendant and keeps what was printed") {
  laboratory lab;
  auto id = lab.start({{"time_budget_s", 0.5},
                       {"run_command", "if grep -q 6 p.txt; then exec 8>'" + lab.fifo().string() +
                                           "'; echo so far; (setsid sleep 300 &) ; "
                                           "sh -c 'setsid sleep 300 & sleep 300'; fi; cat p.txt"}});
  lab.edit_to(id, better);
  auto ran = lab.call("autoresearch_run", {{"session_id", id}});
  CHECK(ran.seconds < 10);
  CHECK(ran.answer()["metric_value"].is_null());
  CHECK(ran.answer()["error"].is_string());
  CHECK(lab.fifo_is_free());
  CHECK(lab.run({"show", id, "1", "--json"}).out.find("so far") != std::string::npos);
  CHECK(step(lab, "decide", id).value("decision", "") == "reverted");
}

TEST_CASE("D39 a child in the background that holds the output delays nothing and is ended") {
  laboratory lab;
  auto began = now_s();
  lab.start({{"run_command", "exec 8>'" + lab.fifo().string() + "'; sleep 300 & cat p.txt"}});
  CHECK(now_s() - began < 10);
  CHECK(lab.fifo_is_free());
}

TEST_CASE("D41 D46 of 50 MB of output and a line of 3 MB little is kept and less is answered") {
  laboratory lab;
  auto id = lab.start({{"run_command",
                        "if grep -q 6 p.txt; then head -c 50000000 /dev/zero | tr '\\0' 'x'; echo; "
                        "head -c 3000000 /dev/zero | tr '\\0' 'E'; echo; exit 1; fi; cat p.txt"}});
  lab.edit_to(id, better);
  auto ran = lab.call("autoresearch_run", {{"session_id", id}});
  CHECK(ran.out.size() < 10'000);
  CHECK(ran.answer()["error"].get<std::string>().size() <= 4096);
  step(lab, "decide", id);
  step(lab, "finalize", id);
  CHECK(fs::file_size(lab.state / "reports" / (id + ".json")) < 200'000);
  CHECK(lab.run({"events", "--json"}).out.size() < 100'000);
}

TEST_CASE("D42 output that is not UTF-8 is no failure") {
  laboratory lab;
  CHECK(baseline(lab, "printf '\\377\\376 \\300\\nscore: 5\\n'").value("baseline_metric", 0.0) ==
        5.0);
}

TEST_CASE("D43 a benign line with Error is not the cause, and a failed command has no metric") {
  laboratory lab;
  auto id = lab.start({{"run_command",
                        "echo 'Error rate: 3'; cat p.txt; "
                        "if grep -q 6 p.txt; then echo 'the cause' >&2; exit 7; fi"}});
  lab.edit_to(id, better);
  json ran = step(lab, "run", id);
  CHECK(ran["metric_value"].is_null());
  auto error = ran.value("error", "");
  CAPTURE(error);
  CHECK(error.find("7") != std::string::npos);
  CHECK(error.find("the cause") != std::string::npos);
  CHECK_FALSE(error.starts_with("Error rate"));
}
