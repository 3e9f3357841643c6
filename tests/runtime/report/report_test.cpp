// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <limits>
#include <thread>

#include "runtime/report/report_files.hpp"
#include "runtime/report/results_table.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

iteration_record iteration_numbered(int n, const std::string& decision,
                                    std::optional<double> metric = std::nullopt) {
  iteration_record r;
  r.session_id = "s1";
  r.iteration = n;
  r.decision = decision;
  r.candidate.hypothesis = n == 0 ? "" : "idea " + std::to_string(n);
  r.result = run_result{.iteration = n, .metric_value = metric};
  return r;
}

session_settings settings_of(const std::string& metric) {
  session_settings s;
  s.metric_name = metric;
  s.metric_pattern = "loss=(.*)";
  s.experiment_id = "e1";
  return s;
}

std::size_t entries_in(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("A report holds the session, the whole configuration, every result and what is extra") {
  scratch s;
  auto reports = open_reports(s.path / "state");
  REQUIRE(reports);
  const json session{{"session_id", "s1"}, {"best_metric", 0.5}, {"bad", "\xff"}};
  auto path = (*reports)->write(
      "s1", session, settings_of("loss"),
      {iteration_numbered(0, "baseline", 0.7), iteration_numbered(1, "kept", 0.5)},
      json{{"branch", "ratchet/s1"}, {"session", "not this"}});
  REQUIRE(path);
  CHECK(*path == (s.path / "state/reports/s1.json").string());
  const auto report = json::parse(content_of(*path));
  CHECK(report["schema_version"] == report_schema_version);
  CHECK(report["session"]["best_metric"] == 0.5);
  CHECK(report["session"]["bad"] == "\xef\xbf\xbd");
  CHECK(report["config"]["metric_pattern"] == "loss=(.*)");
  CHECK(report["config"]["experiment_id"] == "e1");
  REQUIRE(report["results"].size() == 2);
  CHECK(report["results"][1]["decision"] == "kept");
  CHECK(report["branch"] == "ratchet/s1");
  const auto beside = s.path / "state/reports/s1";
  CHECK(content_of(beside / "results.tsv").starts_with("commit\tloss\tmemory_gb\tstatus\t"));
  CHECK(content_of(beside / "progress.svg").starts_with("<svg "));
  CHECK(entries_in(beside) == 2);
  CHECK(entries_in(s.path / "state/reports") == 2);
}

TEST_CASE("A report says what each model came to, and nothing of models where none wrote edits") {
  scratch s;
  auto reports = *open_reports(s.path);
  auto kept = iteration_numbered(1, "kept", 0.5);
  kept.result->best_metric = 1.0;
  kept.candidate.usage = edit_usage{"m1", 2, 900, 100, 0.25, 1000, 0.25};
  auto path = reports->write("s1", {}, settings_of("loss"), {kept}, json{{"models", "not this"}});
  REQUIRE(path);
  CHECK(json::parse(content_of(*path))["models"] ==
        json::parse(R"([{"model": "m1", "asked": 1, "applied": 1, "kept": 1, "gain": 0.5,
                         "calls": 2, "counted_tokens": 1000, "counted_cost_usd": 0.25,
                         "gain_per_usd": 2.0, "gain_per_million_tokens": 500.0}])"));
  path = reports->write("s1", {}, settings_of("loss"), {iteration_numbered(1, "kept", 0.5)}, {});
  REQUIRE(path);
  CHECK_FALSE(json::parse(content_of(*path)).contains("models"));
}

TEST_CASE("A report that holds no number where none was measured can be read by strict readers") {
  scratch s;
  auto reports = *open_reports(s.path);
  auto path = reports->write(
      "s1", json{{"x", std::numeric_limits<double>::quiet_NaN()}}, settings_of("loss"),
      {iteration_numbered(1, "reverted", std::numeric_limits<double>::infinity())}, nullptr);
  REQUIRE(path);
  const auto text = content_of(*path);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("inf") == std::string::npos);
  CHECK(json::parse(text)["results"][0]["result"]["metric_value"].is_null());
}

TEST_CASE("Whoever reads a report while it is written again sees a whole one") {
  scratch s;
  auto reports = *open_reports(s.path);
  std::vector<iteration_record> results;
  for (int i = 0; i < 100; ++i) results.push_back(iteration_numbered(i, "reverted", i));
  auto path = reports->write("s1", {}, settings_of("loss"), results, nullptr);
  REQUIRE(path);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i)
      if (!reports->write("s1", json{{"round", i}}, settings_of("loss"), results, nullptr)) break;
    done = true;
  });
  int torn = 0;
  do {
    if (!json::accept(content_of(*path))) ++torn;
  } while (!done);
  writer.join();
  CHECK(torn == 0);
  CHECK(json::parse(content_of(*path))["session"]["round"] == 19);
}

TEST_CASE("A report that cannot be written is told by name and leaves the one before") {
  scratch s;
  auto reports = *open_reports(s.path);
  auto path = reports->write("s1", json{{"round", 1}}, settings_of("loss"), {}, nullptr);
  REQUIRE(path);
  const auto before = content_of(*path);
  const auto told = in_child([&]() -> std::string {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto refused = reports->write("s1", json{{"text", std::string(50'000, 'x')}},
                                  settings_of("loss"), {}, nullptr);
    if (refused) return "written";
    return refused.error().code == errc::store_failed ? refused.error().text : "other code";
  });
  CAPTURE(told);
  CHECK(told.find(*path) != std::string::npos);
  CHECK(content_of(*path) == before);
  CHECK(entries_in(s.path / "reports") == 2);
}

TEST_CASE("A report goes nowhere but into the reports' directory") {
  scratch s;
  auto reports = *open_reports(s.path);
  for (const char* id : {"../s1", "", "..", "a/b"}) {
    auto refused = reports->write(id, {}, settings_of("loss"), {}, nullptr);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
  }
  CHECK(entries_in(s.path / "reports") == 0);
}

TEST_CASE("The table of results says keep, discard or crash in single lines") {
  auto baseline = iteration_numbered(0, "baseline", 0.9979);
  baseline.candidate.parent = "0123456789abcdef";
  auto kept = iteration_numbered(1, "kept", 0.1);
  kept.commit = "fedcba9876543210";
  kept.candidate.hypothesis = "tabs\tand\nlines";
  kept.result->guards = {{"memory_gb", 43.96}};
  auto reverted = iteration_numbered(2, "reverted", 1e300);
  reverted.result->guards = {{"peak_vram_mb", 2048}};
  reverted.reason = "better by 0.01, which is not more than min_delta 0.05";
  auto crashed = iteration_numbered(3, "reverted");
  crashed.result->error = "ZeroDivisionError\n at line 3";
  auto silent = iteration_numbered(4, "reverted");
  silent.result->max_rss_mb = 31.2;
  auto rejected = iteration_numbered(5, "rejected_by_gate", 0.05);
  rejected.reason = "constitutional: no\nthe end of its output";
  auto no_edit = iteration_numbered(6, "edit_failed");
  no_edit.result.reset();
  no_edit.reason = "nothing matched";
  auto undecided = iteration_numbered(7, "", 0.2);

  CHECK(render_results_tsv(settings_of("val\tbpb"), {baseline, kept, reverted, crashed, silent,
                                                     rejected, no_edit, undecided}) ==
        "commit\tval bpb\tmemory_gb\tstatus\tdescription\n"
        "0123456\t0.9979\t0.0\tkeep\tbaseline\n"
        "fedcba9\t0.1\t44.0\tkeep\ttabs and lines\n"
        "-\t1e+300\t2.0\tdiscard\tidea 2 (better by 0.01, which is not more than "
        "min_delta 0.05)\n"
        "-\t\t0.0\tcrash\tidea 3 (ZeroDivisionError at line 3)\n"
        "-\t\t0.031\tcrash\tidea 4\n"
        "-\t0.05\t0.0\tdiscard\tidea 5 (rejected: constitutional: no)\n"
        "-\t\t0.0\tdiscard\tidea 6 (edit failed: nothing matched)\n"
        "-\t0.2\t0.0\tdiscard\tidea 7 (undecided)\n");
}
