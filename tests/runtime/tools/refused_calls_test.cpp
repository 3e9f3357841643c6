// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/tools/tools.hpp"
#include "tests/runtime/tools/calls.hpp"

using namespace ratchet;
using ratchet::testing::edit_with;
using ratchet::testing::setup_with;

namespace {

struct refused_call {
  const char* tool;
  json arguments;
  const char* field;
  const char* says;  // part of the text
};

const char* const setup = "autoresearch_setup";
const char* const edit = "autoresearch_edit";
const char* const run = "autoresearch_run";
const char* const status = "get_autoresearch_status";
const std::string nul_path("a\0b", 3);

std::vector<refused_call> refused_calls() {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  return {
      // Tools and the shape of a call.
      {"autoresearch_setupp", {}, "tool", "Did you mean \"autoresearch_setup\"?"},
      {"", {}, "tool", "there is no tool"},
      {"zzzzzzzzzzzz", {}, "tool", "there is no tool"},
      {setup, json::array(), "arguments", "must be an object"},
      {setup, "text", "arguments", "must be an object"},
      {setup, 7, "arguments", "must be an object"},
      {setup, nullptr, "repo_path", "lacks the argument repo_path"},
      // Missing.
      {setup, setup_with({{"repo_path", nullptr}}), "repo_path", "lacks"},
      {setup, setup_with({{"run_command", nullptr}}), "run_command", "lacks"},
      {setup, setup_with({{"target_file", nullptr}}), "target_file", "missing"},
      {setup, setup_with({{"target_file", ""}}), "target_file", "missing"},
      {run, json::object(), "session_id", "lacks"},
      {"autoresearch_decide", json::object(), "session_id", "lacks"},
      {"autoresearch_finalize", json::object(), "session_id", "lacks"},
      {edit, json::object(), "session_id", "lacks"},
      {edit, {{"session_id", nullptr}}, "session_id", "lacks"},
      // Unknown.
      {setup, setup_with({{"max_iteration", 5}}), "max_iteration",
       "Did you mean \"max_iterations\""},
      {setup, setup_with({{"hive_parallel", false}}), "hive_parallel", "has no argument"},
      {run, edit_with({{"edits", json::array()}}), "edits", "has no argument"},
      {status, {{"sessionid", ""}}, "sessionid", "session_id"},
      // Wrong kind.
      {setup, setup_with({{"repo_path", 1}}), "repo_path", "must be text, not 1"},
      {setup, setup_with({{"repo_path", json::array({"a"})}}), "repo_path", "must be text"},
      {setup, setup_with({{"max_iterations", "50"}}), "max_iterations", "not \"50\""},
      {setup, setup_with({{"max_iterations", 1.5}}), "max_iterations", "not 1.5"},
      {setup, setup_with({{"max_iterations", true}}), "max_iterations", "integer from 1"},
      {setup, setup_with({{"time_budget_s", "300"}}), "time_budget_s", "finite number"},
      {setup, setup_with({{"allow_missing_baseline", 1}}), "allow_missing_baseline",
       "true or false"},
      {setup, setup_with({{"allow_missing_baseline", "yes"}}), "allow_missing_baseline", "true"},
      {setup, setup_with({{"shared_paths", "data"}}), "shared_paths", "list of text"},
      {setup, setup_with({{"shared_paths", json::array({1})}}), "shared_paths", "list of text"},
      {setup, setup_with({{"context_files", {"../x"}}}), "context_files", "leads out"},
      {setup, setup_with({{"context_files", {"/etc/*"}}}), "context_files", "absolute"},
      {setup, setup_with({{"guard_metrics", "loss"}}), "guard_metrics", "list of metric names"},
      {setup, setup_with({{"guard_metrics", json::array({3})}}), "guard_metrics", "list of metric"},
      {setup, setup_with({{"gates", json::array({"x"})}}), "gates", "{name, command, timeout_s}"},
      {setup, setup_with({{"edit_backend", 3}}), "edit_backend", "text or an object"},
      {setup, setup_with({{"metric_name", json::object()}}), "metric_name", "must be text"},
      {edit, edit_with({{"edits", "x"}}), "edits", "{file, search, replace}"},
      {edit, edit_with({{"diff", 1}}), "diff", "must be text"},
      {edit, edit_with({{"content", 1}}), "content", "text or an object"},
      {edit, edit_with({{"hypothesis", 1}}), "hypothesis", "must be text"},
      {run, {{"session_id", 12}}, "session_id", "must be text"},
      // Out of range, not finite.
      {setup, setup_with({{"max_iterations", 0}}), "max_iterations", "from 1 to 1000000, not 0"},
      {setup, setup_with({{"max_iterations", -3}}), "max_iterations", "not -3"},
      {setup, setup_with({{"max_iterations", 1000001}}), "max_iterations", "not 1000001"},
      {setup, setup_with({{"max_iterations", 18446744073709551615u}}), "max_iterations", "integer"},
      {setup, setup_with({{"max_iterations", 1e300}}), "max_iterations", "integer"},
      {setup, setup_with({{"time_budget_s", 0}}), "time_budget_s", "0.001"},
      {setup, setup_with({{"time_budget_s", -1}}), "time_budget_s", "not -1"},
      {setup, setup_with({{"time_budget_s", 604801}}), "time_budget_s", "604800"},
      {setup, setup_with({{"time_budget_s", nan}}), "time_budget_s", "not NaN"},
      {setup, setup_with({{"time_budget_s", infinity}}), "time_budget_s", "not infinity"},
      {setup, setup_with({{"total_time_budget_s", -1}}), "total_time_budget_s", "from 0"},
      {setup, setup_with({{"max_cost_usd", -1}}), "max_cost_usd", "from 0"},
      {setup, setup_with({{"max_tokens", 0.5}}), "max_tokens", "an integer from 0"},
      {setup, setup_with({{"spark_budget", 0}}), "spark_budget", "from 1"},
      {setup, setup_with({{"spark_per_iteration", 0}}), "spark_per_iteration", "from 1"},
      {setup, setup_with({{"spark_budget", 3}}), "spark_per_iteration", "at most spark_budget (3)"},
      {setup, setup_with({{"repeats", 0}}), "repeats", "from 1"},
      {setup, setup_with({{"repeats", 2}}), "repeats", "at least 3"},
      {setup, setup_with({{"repeats", 5}, {"significance", 0.01}}), "repeats", "at least 7"},
      {setup, setup_with({{"significance", 0}}), "significance", "not 0"},
      {setup, setup_with({{"significance", 0.6}}), "significance", "0.5"},
      {setup, setup_with({{"min_delta", -0.1}}), "min_delta", "from 0"},
      {setup, setup_with({{"min_delta", nan}}), "min_delta", "NaN"},
      {setup, setup_with({{"explore_epsilon", 1.1}}), "explore_epsilon", "from 0 to 1"},
      {setup, setup_with({{"wait_ms", -1}}), "wait_ms", "from 0"},
      {run, edit_with({{"wait_ms", 86400001}}), "wait_ms", "86400000"},
      {status, {{"wait_ms", 0.5}}, "wait_ms", "integer"},
      // Names of a set.
      {setup, setup_with({{"metric_direction", "up"}}), "metric_direction",
       "\"higher_is_better\" or \"lower_is_better\", not \"up\""},
      {setup, setup_with({{"metric_pick", "best"}}), "metric_pick", "\"last\""},
      {setup, setup_with({{"workspace", "here"}}), "workspace", "\"worktree\" or \"in_place\""},
      {setup, setup_with({{"sandbox", "yes"}}), "sandbox", "\"strict\""},
      {setup, setup_with({{"on_gate_error", "ignore"}}), "on_gate_error", "\"closed\""},
      {setup, setup_with({{"edit_backend", json::object()}}), "edit_backend", "\"name\""},
      {setup, setup_with({{"edit_backend", {{"name", 1}}}}), "edit_backend", "\"name\""},
      // Paths.
      {setup, setup_with({{"repo_path", ""}}), "repo_path", "empty"},
      {setup, setup_with({{"repo_path", nul_path}}), "repo_path", "NUL"},
      {setup, setup_with({{"target_file", "/etc/passwd"}}), "target_file", "not absolute"},
      {setup, setup_with({{"target_file", "../x"}}), "target_file", "\"..\""},
      {setup, setup_with({{"target_file", "a/../../x"}}), "target_file", "\"..\""},
      {setup, setup_with({{"target_file", ".git/config"}}), "target_file", ".git"},
      {setup, setup_with({{"target_file", "sub/.GIT/hooks/x"}}), "target_file", ".git"},
      {setup, setup_with({{"target_file", "a//b"}}), "target_file", "empty or \".\" part"},
      {setup, setup_with({{"target_file", "."}}), "target_file", "names no file"},
      {setup, setup_with({{"target_file", nul_path}}), "target_file", "NUL"},
      {setup, setup_with({{"target_files", json::array({"a.py"})}}), "target_files", "both given"},
      {setup, setup_with({{"target_file", nullptr}, {"target_files", json::array()}}),
       "target_files", "empty list"},
      {setup, setup_with({{"target_file", nullptr}, {"target_files", {"a", "./a"}}}),
       "target_files", "twice"},
      {setup, setup_with({{"protected_paths", {"../x"}}}), "protected_paths", "\"..\""},
      {setup, setup_with({{"shared_paths", {"/data"}}}), "shared_paths", "not absolute"},
      {setup, setup_with({{"protected_paths", {"train.py"}}}), "protected_paths", "is protected"},
      {setup, setup_with({{"target_file", "src/a.py"}, {"protected_paths", {"src/"}}}),
       "protected_paths", "is protected by"},
      {setup, setup_with({{"target_file", "src/a.py"}, {"shared_paths", {"src"}}}), "shared_paths",
       "shared path"},
      // Commands.
      {setup, setup_with({{"run_command", ""}}), "run_command", "is empty"},
      {setup, setup_with({{"run_command", " \n\t"}}), "run_command", "is empty"},
      {setup, setup_with({{"run_command", json::array()}}), "run_command", "empty list"},
      {setup, setup_with({{"run_command", json::array({""})}}), "run_command", "no program"},
      {setup, setup_with({{"run_command", json::array({"a", 1})}}), "run_command", "a command"},
      {setup, setup_with({{"run_command", nul_path}}), "run_command", "NUL"},
      {setup, setup_with({{"run_command", json::array({"a", nul_path})}}), "run_command", "NUL"},
      {setup, setup_with({{"setup_command", ""}}), "setup_command", "is empty"},
      {setup, setup_with({{"environment", {"=x"}}}), "environment", "NAME=value"},
      {setup, setup_with({{"environment", {"1A=x"}}}), "environment", "NAME=value"},
      {setup, setup_with({{"environment", {"A B"}}}), "environment", "NAME=value"},
      // Metrics.
      {setup, setup_with({{"metric_name", ""}}), "metric_name", "one line"},
      {setup, setup_with({{"metric_name", "a\nb"}}), "metric_name", "one line"},
      {setup, setup_with({{"metric_pattern", "score: ("}}), "metric_pattern", ""},
      {setup, setup_with({{"metric_pattern", "score"}}), "metric_pattern", ""},
      {setup, setup_with({{"metric_pattern", "@memory"}}), "metric_pattern", ""},
      {setup, setup_with({{"metric_pattern", "(a)(b)"}}), "metric_pattern", ""},
      {setup, setup_with({{"metric_pattern", "json:/etc/x#/a"}}), "metric_pattern", ""},
      {setup, setup_with({{"guard_metrics", {"loss", "loss"}}}), "guard_metrics", "twice"},
      {setup, setup_with({{"guard_metrics", {json{{"pattern", "(1)"}}}}}), "guard_metrics", "name"},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"patern", "(1)"}}}}}),
       "guard_metrics", "Did you mean \"pattern\""},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"pattern", "("}}}}}),
       "guard_metrics", "guard metric \"a\""},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"pick", "best"}}}}}),
       "guard_metrics", "\"pick\" must be"},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"direction", 1}}}}}),
       "guard_metrics", "\"direction\""},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"max_regression", 11}}}}}),
       "guard_metrics", "from 0 to 10"},
      {setup, setup_with({{"guard_metrics", {json{{"name", "a"}, {"max_regression", nan}}}}}),
       "guard_metrics", "finite"},
      // Gates.
      {setup, setup_with({{"gates", {json{{"name", "x"}}}}}), "gates", "\"command\""},
      {setup, setup_with({{"gates", {json{{"name", "x y"}, {"command", "true"}}}}}), "gates",
       "\"name\""},
      {setup, setup_with({{"gates", {json{{"name", "constitutional"}, {"command", "true"}}}}}),
       "gates", "taken"},
      {setup, setup_with({{"gates", {json{{"name", "x"}, {"command", ""}}}}}), "gates", "is empty"},
      {setup, setup_with({{"gates", {json{{"name", "x"}, {"command", "true"}, {"timeout_s", 0}}}}}),
       "gates", "timeout_s"},
      // Ids.
      {setup, setup_with({{"experiment_id", "a b"}}), "experiment_id", "A-Z"},
      {setup, setup_with({{"goal_id", "../x"}}), "goal_id", "A-Z"},
      {setup, setup_with({{"goal_id", std::string(129, 'a')}}), "goal_id", "too long"},
      {run, {{"session_id", "0123456789a"}}, "session_id", "12 hexadecimal"},
      {run, {{"session_id", "0123456789abc"}}, "session_id", "12 hexadecimal"},
      {run, {{"session_id", "0123456789ag"}}, "session_id", "12 hexadecimal"},
      {run, {{"session_id", "../../../etc"}}, "session_id", "12 hexadecimal"},
      {run, {{"session_id", ""}}, "session_id", "12 hexadecimal"},
      {status, {{"session_id", "nope"}}, "session_id", "12 hexadecimal"},
      // Edits.
      {edit, edit_with({{"edits", json::array()}}), "edits", "1 to 1000"},
      {edit, edit_with({{"diff", ""}}), "diff", "empty"},
      {edit, edit_with({{"diff", "x"}, {"content", "y"}}), "content", "diff and content"},
      {edit, edit_with({{"diff", "x"}, {"edits", json::array()}}), "diff", "edits and diff"},
      {edit, edit_with({{"edits", {json{{"file", "a"}, {"search", "b"}}}}}), "edits",
       "\"replace\""},
      {edit, edit_with({{"edits", {json{{"file", "a"}, {"find", "b"}, {"replace", "c"}}}}}),
       "edits", "unknown key \"find\""},
      {edit, edit_with({{"edits", {json{{"file", "../a"}, {"search", ""}, {"replace", "c"}}}}}),
       "edits", "\"..\""},
      {edit, edit_with({{"edits", {json{{"file", "a"}, {"search", 1}, {"replace", "c"}}}}}),
       "edits", "must be text"},
      {edit, edit_with({{"content", json::object()}}), "content", "files"},
      {edit, edit_with({{"content", {{"/a", "x"}}}}), "content", "not absolute"},
      {edit, edit_with({{"content", {{"a", 1}}}}), "content", "must be text"},
      {edit, edit_with({{"content", {{"a", "x"}, {"./a", "y"}}}}), "content", "twice"},
      {edit, edit_with({{"hypothesis", "\xff"}}), "hypothesis", "UTF-8"},
      {"get_hive_best_tool", {{"task_type", ""}}, "task_type", "is empty"},
      {"get_hive_best_tool", {{"task_type", std::string(65, 'x')}}, "task_type", "64"},
      {"get_hive_best_tool", {{"task_typ", "x"}}, "task_typ", "Did you mean"},
      {"start_autoresearch", setup_with({{"hive_parallel", true}, {"workspace", "in_place"}}),
       "hive_parallel", "one tree only"},
      {setup, setup_with({{"requirements", {"gpu!"}}}), "requirements", "has no name"},
      {setup, setup_with({{"requirements", {"cpus>=many"}}}), "requirements", "no number"},
      {setup, setup_with({{"requirements", {"arch="}}}), "requirements", "no value"},
      {"start_autoresearch", setup_with({{"num_variants", 0}}), "num_variants", "from 1 to 64"},
  };
}

}  // namespace

TEST_CASE("a wrong call is refused with the argument's name and what is allowed") {
  auto calls = refused_calls();
  CHECK(calls.size() >= 100);
  for (const auto& call : calls) {
    CAPTURE(call.tool);
    CAPTURE(call.arguments.dump(-1, ' ', false, json::error_handler_t::replace));
    auto decoded = decode_call(call.tool, call.arguments);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().code == errc::invalid_argument);
    CHECK(decoded.error().details.value("field", "") == call.field);
    CAPTURE(decoded.error().text);
    CHECK(decoded.error().text.find(call.says) != std::string::npos);
    CHECK(decoded.error().text.size() < 700);
    // Whatever was given, the answer can be sent.
    CHECK_NOTHROW((void)error_answer(decoded.error()).dump());
  }
}
