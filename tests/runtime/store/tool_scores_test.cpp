// SPDX-License-Identifier: MIT
//
// What the store says of tools and models, from how their candidates did.
#include <doctest/doctest.h>

#include <limits>

#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using testing::scratch;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<whole_store> store_of(const scratch& s) {
  auto store = open_store(s.path);
  REQUIRE_MESSAGE(store, store.error().text);
  return *store;
}

/// As a session stores it: measured first, then decided.
void decide(whole_store& store, int iteration, const std::string& tool, const std::string& decision,
            std::optional<double> metric, double best) {
  iteration_record r;
  r.session_id = "s1";
  r.iteration = iteration;
  r.candidate.tree = "tree" + std::to_string(iteration);
  r.candidate.backend = tool;
  r.result = run_result{.iteration = iteration, .metric_value = metric, .best_metric = best};
  REQUIRE(store.write({.iterations = {r}}));
  r.decision = decision;
  REQUIRE(store.write({.iterations = {r}}));
  // Written again, as the end of a session does, it is not another candidate.
  r.reason = "said again";
  REQUIRE(store.write({.iterations = {r}}));
  REQUIRE(store.record_benchmark({"autoresearch", tool, "", "u", 1, metric.has_value()}));
}

}  // namespace

TEST_CASE("The best tool needs five samples and is the surest, then the fastest") {
  scratch s;
  auto store = store_of(s);
  auto record = [&](const char* tool, int runs, int successes, double time_s,
                    const char* task = "autoresearch") {
    for (int i = 0; i < runs; ++i)
      REQUIRE(store->record_benchmark(
          {task, tool, "model", "user", time_s, i < successes, false, 1000.0 + i}));
  };
  record("lucky", 4, 4, 0.1);
  CHECK_FALSE(store->best_tool("autoresearch")->has_value());
  record("slow", 5, 4, 9);
  CHECK((*store->best_tool("autoresearch"))->tool_name == "slow");
  record("fast", 10, 8, 2);
  auto best = **store->best_tool("autoresearch");
  CHECK(best.tool_name == "fast");
  CHECK(best.success_rate == doctest::Approx(0.8));
  CHECK(best.avg_time_s == doctest::Approx(2));
  CHECK(best.sample_count == 10);
  record("lucky", 1, 1, 0.1);
  CHECK((*store->best_tool("autoresearch"))->tool_name == "lucky");
  record("elsewhere", 6, 6, 0.1, "other");
  CHECK((*store->best_tool("autoresearch"))->tool_name == "lucky");
  auto scores = *store->tool_scores();
  REQUIRE(scores.size() == 4);
  CHECK(scores[0].tool_name == "lucky");
  CHECK(scores[1].tool_name == "fast");
  CHECK(scores[3].tool_name == "elsewhere");
}

TEST_CASE("A benchmark with an impossible time is refused and spoils no average") {
  scratch s;
  auto store = store_of(s);
  for (double bad : {not_a_number, std::numeric_limits<double>::infinity(), -1.0}) {
    auto refused = store->record_benchmark({.tool_name = "t", .completion_time_s = bad});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
  }
  for (int i = 0; i < 5; ++i)
    REQUIRE(store->record_benchmark({.tool_name = "t", .completion_time_s = 1, .success = true}));
  CHECK((*store->best_tool("autoresearch"))->sample_count == 5);
}

TEST_CASE("A tool's models are scored by its last 2,000 samples, each by five at least") {
  scratch s;
  auto store = store_of(s);
  auto record = [&](const char* model, int count, bool success, double at) {
    for (int i = 0; i < count; ++i)
      REQUIRE(store->record_benchmark(
          {"autoresearch", "llm", model, "user", 2, success, false, at + i}));
  };
  record("a", 4, true, 10'000);
  record("", 9, true, 10'000);
  REQUIRE(store->record_benchmark({"autoresearch", "command", "a", "u", 1, true, false, 1}));
  CHECK(store->model_scores("llm")->empty());
  record("a", 1, false, 10'000);
  record("b", 5, true, 10'000);
  record("b", 1990, false, 1000);  // older, and only in part among the last 2,000
  auto scores = *store->model_scores("llm");
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].model_name == "a");
  CHECK(scores[0].success_rate == doctest::Approx(0.8));
  CHECK(scores[0].sample_count == 5);
  CHECK(scores[1].sample_count == 1995);
  CHECK(store->model_scores("mutate")->empty());
}

TEST_CASE("A tool's share of kept candidates and its gain are of those that were measured") {
  scratch s;
  auto store = store_of(s);
  decide(*store, 1, "llm", "kept", 12, 10);
  decide(*store, 2, "llm", "reverted", 9, 12);
  decide(*store, 3, "llm", "kept", 6, 12);  // lower is better there
  decide(*store, 4, "llm", "rejected_by_gate", 99, 6);
  CHECK_FALSE((*store->tool_scores()).size() > 0);
  decide(*store, 5, "llm", "reverted", std::nullopt, 6);
  auto scores = *store->tool_scores();
  REQUIRE(scores.size() == 1);
  CHECK_FALSE(scores[0].kept_rate);  // four measured are too few to tell
  decide(*store, 6, "llm", "reverted", 5, 6);
  scores = *store->tool_scores();
  CHECK(scores[0].kept_rate.value() == doctest::Approx(2.0 / 5));
  CHECK(scores[0].gain.value() == doctest::Approx((0.2 + 0.5) / 5));
  CHECK(scores[0].success_rate == doctest::Approx(5.0 / 6));
}

TEST_CASE("Of tools whose runs all had a metric the one whose candidates were kept is the best") {
  scratch s;
  auto store = store_of(s);
  for (int i = 0; i < 6; ++i) {
    decide(*store, 2 * i + 1, "slow and good", i < 3 ? "kept" : "reverted", 2, 1);
    decide(*store, 2 * i + 2, "fast", "reverted", 1, 1);
    REQUIRE(store->record_benchmark({"autoresearch", "slow and good", "", "u", 9, true}));
  }
  CHECK((*store->best_tool("autoresearch"))->tool_name == "slow and good");
}
