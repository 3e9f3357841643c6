// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/runtime/cli/played_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::cli;

namespace {

const json lost{{"error", "the connection ended"}, {"code", "worker_lost"}};

json status(const char* step, const char* state = "idle") {
  return {{"session_id", played_id}, {"step", step}, {"state", state}};
}

json with_result(json progress, const char* step, json answer) {
  progress["last_result"] = {{"step", step}, {"answer", std::move(answer)}};
  return progress;
}

/// One iteration that is kept, and a connection that can be made again.
struct remote_laboratory : played_laboratory {
  remote_laboratory() {
    edit_applied(1);
    measured(1, 2.0);
    decided(1, "kept", 2.0, false);
    rejoin = [] { return expected<std::string>(std::string("reached again")); };
  }
  std::deque<json>& of(const std::string& tool) { return answers[tool]; }
};

}  // namespace

TEST_CASE("after a lost worker the search looks where the session stands and goes on there") {
  played_laboratory lab;
  lab.edit_applied(1);
  lab.answers["autoresearch_run"] = {{{"error", "the worker died"}, {"code", "worker_lost"}}};
  lab.measured(1, 2.0);
  lab.answers["get_autoresearch_status"] = {{{"step", "autoresearch_run"}}};
  lab.decided(1, "kept", 2.0, false);
  auto r = lab.run();
  CHECK(r.finished);
  CHECK(lab.count("autoresearch_run") == 2);
  CHECK(lab.last.kept == 1);
}

TEST_CASE("what is lost again and again is tried for ten minutes, with pauses that grow") {
  using namespace std::chrono;
  played_laboratory lab;
  lab.answers["autoresearch_edit"] = {{{"error", "lost"}, {"code", "worker_lost"}}};
  lab.answers["get_autoresearch_status"] = {{{"step", "autoresearch_edit"}}};
  auto r = lab.run();
  CHECK_FALSE(r.finished);
  CHECK(lab.count("autoresearch_finalize") == 0);
  CHECK(lab.time == minutes(10));
  REQUIRE(lab.pauses.size() > 6);
  CHECK(lab.pauses[0] == seconds(1));
  CHECK(lab.pauses[1] == seconds(2));
  CHECK(lab.pauses[6] == seconds(30));
  CHECK(lab.count("autoresearch_edit") < 30);
  CHECK(std::find(lab.notes.begin(), lab.notes.end(),
                  "lost; trying again in 1 s, for 10 min at most") != lab.notes.end());
}

TEST_CASE("a laboratory that is well again after minutes goes on, and is waited for anew later") {
  remote_laboratory lab;
  for (int i = 0; i < 12; ++i) lab.of("autoresearch_run").push_front(lost);
  lab.of("get_autoresearch_status") = {status("autoresearch_run")};
  CHECK(lab.run().finished);
  CHECK(lab.time > std::chrono::minutes(2));
  CHECK(lab.lines.size() == 1);
}

TEST_CASE("an interruption ends the pause before the next try") {
  remote_laboratory lab;
  lab.of("autoresearch_run") = {lost};
  lab.of("get_autoresearch_status") = {status("autoresearch_run")};
  lab.on_pause = [&] { lab.stop = true; };
  CHECK(lab.run().left);
  CHECK(lab.pauses.size() == 1);
}

TEST_CASE("a run that ended while the connection was broken counts, and is not made again") {
  remote_laboratory lab;
  lab.of("autoresearch_run") = {lost};
  lab.of("get_autoresearch_status") = {
      status("autoresearch_run", "running"), status("autoresearch_run", "running"),
      with_result(status("autoresearch_decide"), "autoresearch_run",
                  {{"iteration", 1}, {"metric_value", 2.5}, {"error", nullptr}})};
  CHECK(lab.run().finished);
  CHECK(lab.count("autoresearch_run") == 1);
  CHECK(lab.count("get_autoresearch_status") == 3);
  REQUIRE(lab.lines.size() == 1);
  CHECK(lab.lines[0].metric == 2.5);
  CHECK(lab.lines[0].hypothesis == "idea 1");
  CHECK(lab.notes == std::vector<std::string>{"the connection ended", "reached again"});
}

TEST_CASE("a run that its node gave back is made again, with the answer of no other step") {
  remote_laboratory lab;
  lab.of("autoresearch_run").push_front(lost);
  lab.of("get_autoresearch_status") = {with_result(status("autoresearch_run"), "autoresearch_edit",
                                                   {{"success", true}, {"iteration", 1}})};
  CHECK(lab.run().finished);
  CHECK(lab.count("autoresearch_run") == 2);
  CHECK(lab.lines.size() == 1);
}

TEST_CASE("an edit that failed while the connection was broken is one iteration, not none or two") {
  remote_laboratory lab;
  lab.of("autoresearch_edit") = {lost};
  lab.edit_applied(2);
  lab.of("get_autoresearch_status") = {
      with_result(status("autoresearch_edit"), "autoresearch_edit",
                  {{"success", false}, {"iteration", 1}, {"reason", "nothing usable"}})};
  CHECK(lab.run().finished);
  REQUIRE(lab.lines.size() == 2);
  CHECK(lab.lines[0].decision == "edit_failed");
  CHECK(lab.lines[1].hypothesis == "idea 2");
}

TEST_CASE("a decision that was made counts once; the answer before it is not taken for it") {
  remote_laboratory lab;
  lab.of("autoresearch_decide").push_front(lost);
  lab.of("get_autoresearch_status") = {with_result(
      status("autoresearch_edit"), "autoresearch_decide",
      {{"decision", "kept"}, {"iteration", 1}, {"best_metric", 2.0}, {"should_continue", false}})};
  CHECK(lab.run().finished);
  CHECK(lab.count("autoresearch_decide") == 1);
  CHECK(lab.last.kept == 1);
}

TEST_CASE("a setup whose answer was lost goes on with the baseline that was measured") {
  remote_laboratory lab;
  json opened = lab.of("autoresearch_setup").front();
  json gone = lost;
  gone["session_id"] = played_id;
  lab.of("autoresearch_setup") = {gone};
  lab.of("get_autoresearch_status") = {
      status("autoresearch_setup", "running"),
      with_result(status("autoresearch_edit"), "autoresearch_setup", opened)};
  CHECK(lab.run().finished);
  CHECK(lab.count("autoresearch_setup") == 1);
  CHECK(lab.last.baseline == 1.0);
}

TEST_CASE("a setup that the end of its node has interrupted is made again") {
  json dropped = with_result(status("autoresearch_finalize"), "autoresearch_setup",
                             {{"error", "setup was interrupted"}, {"code", "baseline_failed"}});
  dropped["status"] = "failed";
  dropped["recovered"] = "setup was interrupted before its baseline; the session was dropped";
  const json never_stored{{"error", "no such session"}, {"code", "unknown_session"}};
  for (const auto& left : {dropped, never_stored}) {
    remote_laboratory lab;
    json gone = lost;
    gone["session_id"] = played_id;
    lab.of("autoresearch_setup").push_front(gone);
    lab.of("get_autoresearch_status") = {left};
    CHECK(lab.run().finished);
    CHECK(lab.count("autoresearch_setup") == 2);
  }
}

TEST_CASE("a baseline that failed while the connection was broken ends the search") {
  remote_laboratory lab;
  json gone = lost;
  gone["session_id"] = played_id;
  lab.of("autoresearch_setup") = {gone};
  json failed = with_result(status("autoresearch_finalize"), "autoresearch_setup",
                            {{"error", "Baseline failed: exit 1"}, {"code", "baseline_failed"}});
  failed["status"] = "failed";
  lab.of("get_autoresearch_status") = {failed};
  const auto r = lab.run();
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by == "Baseline failed: exit 1");
  CHECK(lab.count("autoresearch_setup") == 1);
}

TEST_CASE("a node that could not be reached at first is not waited for") {
  remote_laboratory lab;
  lab.of("autoresearch_setup") = {lost};  // without a session: nothing was begun
  CHECK_FALSE(lab.run().finished);
  CHECK(lab.calls == std::vector<std::string>{"autoresearch_setup"});
}

TEST_CASE("a node that stays away ends the search, and the session is left to be resumed") {
  remote_laboratory lab;
  lab.of("autoresearch_run") = {lost};
  lab.rejoin = [] {
    return expected<std::string>(fail(errc::worker_lost, "away for ten minutes"));
  };
  const auto r = lab.run();
  CHECK_FALSE(r.finished);
  CHECK(r.ended_by == "away for ten minutes");
  CHECK(lab.calls.back() == "rejoin");
}

TEST_CASE("connections that break while the session is looked for are made again, not for ever") {
  remote_laboratory lab;
  lab.of("autoresearch_run").push_front(lost);
  lab.of("get_autoresearch_status") = {lost, lost, status("autoresearch_run")};
  CHECK(lab.run().finished);
  CHECK(lab.count("rejoin") == 3);

  remote_laboratory hopeless;
  hopeless.of("autoresearch_run").push_front(lost);
  hopeless.of("get_autoresearch_status") = {lost};
  CHECK_FALSE(hopeless.run().finished);
  CHECK(hopeless.count("rejoin") < 30);
  CHECK(hopeless.time == std::chrono::minutes(10));
}

TEST_CASE("an interruption ends the wait for a step that its node is ending") {
  remote_laboratory lab;
  lab.of("autoresearch_run") = {lost};
  lab.of("get_autoresearch_status") = {status("autoresearch_run", "running"),
                                       status("autoresearch_run")};
  lab.on_call = [&](const std::string& tool) {
    if (tool == "get_autoresearch_status") lab.stop = true;
  };
  const auto r = lab.run();
  CHECK(r.left);
  CHECK(r.ended_by == "it was interrupted");
  CHECK(lab.calls.back() == "get_autoresearch_status");
}

TEST_CASE("a comparison and an end whose answers were lost are asked for again") {
  remote_laboratory lab;
  const auto measured = lab.compared;
  lab.compared = fail(errc::worker_lost, "the connection ended");
  lab.on_call = [&](const std::string& tool) {
    if (tool == "get_autoresearch_status") lab.compared = measured;
  };
  lab.of("get_autoresearch_status") = {status("autoresearch_edit")};
  lab.of("autoresearch_finalize").push_front(lost);
  const auto r = lab.run();
  CHECK(r.finished);
  CHECK(r.compared.has_value());
  CHECK(lab.count("compare") == 2);
  CHECK(lab.count("autoresearch_finalize") == 2);
}
