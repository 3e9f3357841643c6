// SPDX-License-Identifier: MIT
//
// What peers have told, as the sessions of this node see it.
#include "tests/support/session_laboratory.hpp"

namespace ratchet {
namespace {

using namespace testing;

struct taught : session_laboratory {
  taught() {
    editor = std::make_shared<fake_editor>();
    hive->cast = {{std::string(64, 'a'), {"autoresearch", "llm", 0.75, 30, 50}}};
  }
  std::optional<tool_score> hint() {
    auto s = settings();
    s.edit_backend.name = "llm";
    auto id = open(s);
    static_cast<void>(ask<edit_answer>(registry, edit_candidate{id, {}}));
    REQUIRE(!editor->contexts.empty());
    return editor->contexts.back().best_tool;
  }
};

TEST_CASE_FIXTURE(taught, "a model is hinted by the peers' runs while this node has too few") {
  auto told = hint();
  REQUIRE(told);
  CHECK(told->tool_name == "llm");
  CHECK(told->sample_count == 50);
}

TEST_CASE_FIXTURE(taught, "this node's own runs come before what the peers say") {
  for (int i = 0; i < 5; ++i)
    benchmarks->rows.push_back({.tool_name = "mutate", .completion_time_s = 1, .success = i == 0});
  auto told = hint();
  REQUIRE(told);
  CHECK(told->tool_name == "mutate");
}

TEST_CASE_FIXTURE(taught, "a hint that cannot be read keeps no edit from being proposed") {
  hive->fail_always("votes", fail(errc::store_failed, "disk gone"));
  CHECK(!hint());
}

TEST_CASE_FIXTURE(taught, "the registry answers the hive's best tool") {
  auto best = ask<best_tool_answer>(registry, best_tool_query{"autoresearch", true});
  REQUIRE(best);
  REQUIRE(best->tool);
  CHECK(best->tool->tool_name == "llm");
  CHECK(best->nodes == 1);
}

}  // namespace
}  // namespace ratchet
