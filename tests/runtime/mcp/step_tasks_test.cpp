// SPDX-License-Identifier: MIT
#include "runtime/mcp/step_tasks.hpp"

#include <doctest/doctest.h>

namespace ratchet::mcp {
namespace {

const std::string session = "0123456789ab";

TEST_CASE("Only steps become tasks") {
  CHECK(is_step_tool("autoresearch_run"));
  CHECK(is_step_tool("start_autoresearch"));
  CHECK(!is_step_tool("get_autoresearch_status"));
}

TEST_CASE("A task's id says which step of which session it is") {
  auto task = new_task("autoresearch_run", session);
  CHECK(task["resultType"] == "task");
  CHECK(task["status"] == "working");
  auto read = read_task_id(task["taskId"].get<std::string>());
  REQUIRE(read);
  CHECK(read->session_id == session);
  CHECK(read->step == "run");
  CHECK(read->created == task["createdAt"].get<std::string>());
  CHECK(read_task_id(new_task("start_autoresearch", session)["taskId"].get<std::string>())->step ==
        "setup");
  for (auto id :
       {"", "x", "0123456789ab", "0123456789ab.run", "0123456789ab.run.", "0123456789ab.fly.1",
        "0123456789ab.run.-1", "0123456789ab.run.1x", "0123456789ab.run.99999999999999999999"})
    CHECK(!read_task_id(id));
}

TEST_CASE("A task works while the session does, and ends with the step's answer") {
  const step_task task{session, "run", "2026-01-01T00:00:00Z"};
  auto view = [&](const json& progress) { return task_view("id", task, progress); };
  CHECK(view({{"state", "running"}, {"iteration", 3}})["status"] == "working");

  const json answered{
      {"state", "idle"},
      {"step", "autoresearch_decide"},
      {"last_result", {{"step", "autoresearch_run"}, {"answer", {{"improved", true}}}}}};
  CHECK(view(answered)["status"] == "completed");
  CHECK(view(answered)["answer"]["improved"] == true);

  const json cancelled{
      {"state", "idle"},
      {"step", "autoresearch_run"},
      {"last_result", {{"step", "autoresearch_edit"}, {"answer", json::object()}}}};
  CHECK(view(cancelled)["status"] == "cancelled");

  const json gone_on{
      {"state", "idle"},
      {"step", "autoresearch_edit"},
      {"iteration", 4},
      {"last_result", {{"step", "autoresearch_decide"}, {"answer", json::object()}}}};
  CHECK(view(gone_on)["answer"]["iteration"] == 4);
}

}  // namespace
}  // namespace ratchet::mcp
