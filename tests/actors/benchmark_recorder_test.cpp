// SPDX-License-Identifier: MIT
#include "actors/benchmark_recorder.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_benchmarks.hpp"
#include "tests/support/fake_federation.hpp"

namespace ratchet {
namespace {

using namespace testing;

struct recorder_stage : actor_fixture {
  std::shared_ptr<fake_benchmarks> own = std::make_shared<fake_benchmarks>();
  std::shared_ptr<fake_federation> hive = std::make_shared<fake_federation>();
  benchmark_recorder_actor actor = spawn(benchmark_recorder, own, hive);

  expected<done> record(const std::string& tool, double time_s, bool success) {
    benchmark_row row;
    row.tool_name = tool;
    row.completion_time_s = time_s;
    row.success = success;
    return ask<done>(actor, row);
  }
};

TEST_CASE("every run is recorded, failed ones too, and the best tool comes out of them") {
  recorder_stage s;
  for (int i = 0; i < 5; ++i) {
    CHECK(s.record("mutate", 1, i != 0));
    CHECK(s.record("llm", 2, true));
  }
  CHECK(s.record("command", 1, true));  // one sample is no evidence
  CHECK(s.own->rows.size() == 11);
  auto best = s.ask<best_tool_answer>(s.actor, best_tool_query{});
  REQUIRE(best);
  REQUIRE(best->tool);
  CHECK(best->tool->tool_name == "llm");
}

TEST_CASE("there is no best tool before five samples") {
  recorder_stage s;
  CHECK(s.record("llm", 2, true));
  auto best = s.ask<best_tool_answer>(s.actor, best_tool_query{});
  REQUIRE(best);
  CHECK(!best->tool);
}

TEST_CASE("the hive's best tool is that of all nodes' votes, this node's own among them") {
  recorder_stage s;
  const best_tool_query of_all{"autoresearch", true};
  auto nobody = s.ask<best_tool_answer>(s.actor, of_all);
  REQUIRE(nobody);
  CHECK(!nobody->tool);
  for (int i = 0; i < 5; ++i) CHECK(s.record("mutate", 1, i == 0));
  s.hive->cast = {{std::string(64, 'a'), {"autoresearch", "mutate", 0.2, 1, 5}},
                  {std::string(64, 'b'), {"autoresearch", "llm", 0.9, 30, 50}}};
  auto best = s.ask<best_tool_answer>(s.actor, of_all);
  REQUIRE(best);
  REQUIRE(best->tool);
  CHECK(best->tool->tool_name == "llm");
  CHECK(best->nodes == 1);
  s.hive->cast.pop_back();
  best = s.ask<best_tool_answer>(s.actor, of_all);
  CHECK(best->tool->tool_name == "mutate");
  CHECK(best->tool->sample_count == 10);
  CHECK(best->nodes == 2);
  s.hive->fail_on("votes", fail(errc::store_failed, "disk gone"));
  CHECK(s.ask<best_tool_answer>(s.actor, of_all).error().text == "disk gone");
}

TEST_CASE("a time that is no time is refused") {
  recorder_stage s;
  for (double t :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto answer = s.record("llm", t, true);
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::invalid_argument);
  }
  CHECK(s.own->rows.empty());
}

TEST_CASE("the store's failure reaches the caller") {
  recorder_stage s;
  s.own->fail_on("record_benchmark", fail(errc::store_failed, "disk full"));
  s.own->fail_on("best_tool", fail(errc::store_failed, "disk gone"));
  CHECK(s.record("llm", 1, true).error().text == "disk full");
  CHECK(s.ask<best_tool_answer>(s.actor, best_tool_query{}).error().text == "disk gone");
}

}  // namespace
}  // namespace ratchet
