// SPDX-License-Identifier: MIT
//
// Metrics as tools print them, through a whole session: the baseline's unit is what every later run
// is converted to.
#include <memory>

#include "tests/end_to_end/seed_defects.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::e2e;
using ratchet::testing::contains;

namespace {

/// A session whose baseline prints `first`, and candidates what they were edited to.
std::string printing(const laboratory& lab, const std::string& first, json more) {
  more["run_command"] =
      "if grep -q '^score: 5$' p.txt; then printf '" + first + "\\n'; else cat p.txt; fi";
  return lab.start(more);
}

json measured(const laboratory& lab, const std::string& id, const std::string& text) {
  CHECK(lab.edit_to(id, text).value("success", false));
  auto ran = lab.call("autoresearch_run", {{"session_id", id}}).answer();
  step(lab, "decide", id);
  return ran;
}

}  // namespace

TEST_CASE("later runs are converted to the baseline's unit, and another kind is an error") {
  laboratory lab;
  auto id = printing(
      lab, "time: 1.2 ms\\nmem: 1 GiB",
      {{"metric_name", "time"},
       {"metric_direction", "lower_is_better"},
       {"guard_metrics", json::array({json{{"name", "mem"}, {"direction", "lower_is_better"}}})},
       {"repeats", 1}});
  auto kept = measured(lab, id, "time: 900 us\nmem: 1000 MiB\n");
  CHECK(kept["metric_value"] == 0.9);
  CHECK(kept["metric_unit"] == "ms");
  CHECK(kept["improved"] == true);
  auto worse_run = measured(lab, id, "time: 1.5 s\nmem: 1 GiB\n");
  CHECK(worse_run["metric_value"] == 1500);
  CHECK(worse_run["improved"] == false);
  auto other = measured(lab, id, "time: 3 MB\n");
  CHECK(other["metric_value"].is_null());
  CHECK(contains(other["error"].get<std::string>(),
                 "the metric was in ms, this run printed \"3 MB\": another kind of unit"));
  // The guard is compared in its own unit: 2,000 MiB is not less than 1 GiB.
  CHECK(lab.edit_to(id, "time: 1 us\nmem: 2000 MiB\n").value("success", false));
  step(lab, "run", id);
  CHECK(step(lab, "decide", id).value("decision", "") == "rejected_by_gate");
  auto ended = step(lab, "finalize", id);
  CHECK(ended["best_metric"] == 0.9);
}

TEST_CASE("a plain number with a prefix is a plain number, and per cent is not") {
  laboratory lab;
  auto id = printing(lab, "rate: 3.4k", {{"metric_name", "rate"}, {"repeats", 1}});
  CHECK(measured(lab, id, "rate: 900\n")["metric_value"] == 900);
  CHECK(measured(lab, id, "rate: 4M\n")["metric_value"] == 4e6);
  CHECK(contains(measured(lab, id, "rate: 96 %\n")["error"].get<std::string>(), "unit"));
}

TEST_CASE("another word is taken for the metric only with a warning, and never for another one") {
  laboratory lab;
  auto id = lab.start({{"metric_name", "speed"}, {"repeats", 1}});
  auto status = lab.ask("get_autoresearch_status", {{"session_id", id}});
  CHECK(status["metric_source"] == "fallback:score");
  CHECK(contains(status["last_result"].dump(), "is nowhere in the output"));
  CHECK(measured(lab, id, "score: 6\n")["metric_value"] == 6);
  auto other = measured(lab, id, "accuracy: 99\n");
  CHECK(other["metric_value"].is_null());
  CHECK(contains(other["error"].get<std::string>(), "another number"));
  auto near = baseline(lab, "echo accuracy: 0.6; echo score: 1", {{"metric_name", "acuracy"}});
  CHECK(near.value("code", "") == "baseline_failed");
  CHECK(contains(near.value("error", ""), "did you mean \"accuracy\" (accuracy: 0.6)?"));
}

TEST_CASE("numbers are read from the files that benchmarks write") {
  laboratory lab;
  auto json_file = baseline(
      lab, "echo '{\"benchmarks\":[{\"name\":\"BM_x\",\"cpu_time\":1.5,\"e\":NaN}]}' > r.json",
      {{"metric_pattern", "json:r.json#/benchmarks/[name=BM_x]/cpu_time"}});
  CHECK(json_file["baseline_metric"] == 1.5);
  CHECK(!contains(json_file["warnings"].dump(), "r.json"));
  auto csv = baseline(lab, "printf 'epoch,loss\\n1,3\\n2,1\\n3,2\\n' > l.csv",
                      {{"metric_pattern", "csv:l.csv#loss"}, {"metric_pick", "median"}});
  CHECK(csv["baseline_metric"] == 2);
}

TEST_CASE("a file that something else left is not read as what the run wrote") {
  laboratory lab;
  json more{{"metric_pattern", "json:r.json#/v"}, {"setup_command", "echo '{\"v\": 3}' > r.json"}};
  const auto refused = baseline(lab, "true", more);
  CHECK(refused.value("code", "") == "baseline_failed");
  CHECK(contains(refused.value("error", ""), "left no file r.json"));
}

TEST_CASE("a user's decimal comma does not reach the run") {
  laboratory lab;
  auto seen = baseline(lab, "echo score: $LC_NUMERIC | sed s/C/7/");
  CHECK(seen["baseline_metric"] == 7);
  auto named = baseline(lab, "echo score: 1,021", {{"environment", {"LANG=de_DE.UTF-8"}}});
  CHECK(contains(named.value("error", ""), "comma"));
}
