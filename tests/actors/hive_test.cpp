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
};

TEST_CASE_FIXTURE(taught, "the registry answers the hive's best tool") {
  auto best = ask<best_tool_answer>(registry, best_tool_query{"autoresearch", true});
  REQUIRE(best);
  REQUIRE(best->tool);
  CHECK(best->tool->tool_name == "llm");
  CHECK(best->nodes == 1);
}

}  // namespace
}  // namespace ratchet
