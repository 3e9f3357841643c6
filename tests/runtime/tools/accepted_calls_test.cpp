// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "runtime/tools/tools.hpp"
#include "tests/runtime/tools/calls.hpp"

using namespace ratchet;
using ratchet::testing::edit_with;
using ratchet::testing::good_setup;
using ratchet::testing::setup_with;

namespace {

session_settings settings_of(const json& arguments, const char* tool = "autoresearch_setup") {
  auto call = decode_call(tool, arguments);
  if (!call) FAIL(call.error().text);
  return std::get<setup_session>(call->message).settings;
}

given_edit edit_of(const json& arguments) {
  auto call = decode_call("autoresearch_edit", arguments);
  if (!call) FAIL(call.error().text);
  return std::get<edit_candidate>(call->message).edit;
}

}  // namespace

TEST_CASE("the three required arguments are enough and the rest take the defaults") {
  auto s = settings_of(good_setup());
  CHECK(s.repo_path == "/lab/repo");
  CHECK(s.target_files == std::vector<std::string>{"train.py"});
  CHECK(s.run_command.shell == "make run");
  CHECK(s.metric_name == "score");
  CHECK(s.metric_direction == metric_direction::higher_is_better);
  CHECK(s.max_iterations == 50);
  CHECK(s.time_budget_s == 300);
  CHECK(s.spark_budget == 200);
  CHECK(s.spark_per_iteration == 4);
  CHECK(s.edit_backend.name == "mutate");
  CHECK(s.workspace == workspace_kind::worktree);
}

TEST_CASE("of what Ratchet measures itself less is better, and it names the metric, unless said") {
  auto s = settings_of(setup_with({{"metric_pattern", "@cpu_s"}}));
  CHECK(s.metric_direction == metric_direction::lower_is_better);
  CHECK(s.metric_name == "cpu_s");
  s = settings_of(setup_with({{"metric_pattern", "@wall_s"},
                              {"metric_name", "time"},
                              {"metric_direction", "higher_is_better"}}));
  CHECK(s.metric_direction == metric_direction::higher_is_better);
  CHECK(s.metric_name == "time");
  s = settings_of(setup_with(
      {{"guard_metrics", json::array({{{"name", "memory"}, {"pattern", "@max_rss_mb"}}})}}));
  REQUIRE(s.guard_metrics.size() == 1);
  CHECK(s.guard_metrics[0].direction == metric_direction::lower_is_better);
}

TEST_CASE("iterations given alone are paid for; a spark budget that is given stays") {
  CHECK(settings_of(setup_with({{"max_iterations", 100}})).spark_budget == 400);
  CHECK(settings_of(setup_with({{"max_iterations", 10}})).spark_budget == 200);
  CHECK(settings_of(setup_with({{"max_iterations", 1000000}})).spark_budget == 4'000'000);
  CHECK(settings_of(setup_with({{"spark_per_iteration", 10}})).spark_budget == 200);
  auto both = setup_with({{"max_iterations", 100}});
  both["spark_budget"] = 20;
  CHECK(settings_of(both).spark_budget == 20);
}

TEST_CASE("the defaults that the table shows are those that the settings have") {
  const json written = session_settings{};
  for (const auto& a : find_tool("start_autoresearch")->arguments) {
    if (a.default_json.empty() || !written.contains(std::string(a.name))) continue;
    CAPTURE(a.name);
    CHECK(written[std::string(a.name)] == json::parse(a.default_json));
  }
}

TEST_CASE("every argument of setup reaches the settings") {
  const json all{{"repo_path", "/r"},
                 {"target_files", {"a.py", "src/b.py"}},
                 {"run_command", {"python3", "a.py"}},
                 {"metric_name", "loss"},
                 {"metric_pattern", "loss=(\\S+)"},
                 {"metric_direction", "lower_is_better"},
                 {"metric_pick", "min"},
                 {"max_iterations", 7},
                 {"time_budget_s", 1.5},
                 {"total_time_budget_s", 60},
                 {"experiment_id", "exp-1"},
                 {"goal_id", "goal_2"},
                 {"max_cost_usd", 2.5},
                 {"max_tokens", 5'000'000'000},
                 {"spark_budget", 10},
                 {"spark_per_iteration", 2},
                 {"edit_backend", {{"name", "mutate"}, {"seed", 7}}},
                 {"instructions", "keep it short"},
                 {"ideas", {"wider", "deeper"}},
                 {"collect_paths", {"out/profile.txt"}},
                 {"context_files", {"src/**/*.hpp", "!src/gen/"}},
                 {"workspace", "in_place"},
                 {"setup_command", "make"},
                 {"build_command", "make -j2"},
                 {"build_time_budget_s", 90},
                 {"check_command", {"ctest", "-Q"}},
                 {"check_time_budget_s", 120.5},
                 {"as_checked_out", true},
                 {"shared_paths", {"data"}},
                 {"protected_paths", {"eval.py"}},
                 {"guard_metrics",
                  {"speed",
                   {{"name", "memory"},
                    {"pattern", "mem (\\d+)"},
                    {"pick", "max"},
                    {"direction", "lower_is_better"},
                    {"max_regression", 0.1}}}},
                 {"repeats", 8},
                 {"significance", 0.01},
                 {"min_delta", 0.25},
                 {"target_metric", 0.5},
                 {"plateau", 25},
                 {"allow_missing_baseline", true},
                 {"environment", {"CUDA_VISIBLE_DEVICES", "SEED=3"}},
                 {"sandbox", "strict"},
                 {"on_gate_error", "closed"},
                 {"gates", {{{"name", "lint"}, {"command", {"ruff", "."}}, {"timeout_s", 5}}}},
                 {"constitution", "/rules.json"},
                 {"hive_parallel", false},
                 {"num_variants", 4},
                 {"requirements", {"gpu", "cpus>=8"}},
                 {"explore_epsilon", 0.5}};
  for (const auto& a : find_tool("start_autoresearch")->arguments)
    if (a.name != "target_file" && a.name != "wait_ms") {
      CAPTURE(a.name);
      CHECK(all.contains(std::string(a.name)));
    }
  const json settings = settings_of(all, "start_autoresearch");
  for (auto it = all.begin(); it != all.end(); ++it) {
    CAPTURE(it.key());
    if (it.key() == "hive_parallel") continue;  // false is the default and not written
    if (it.key() == "guard_metrics") {
      CHECK(settings["guard_metrics"][0]["name"] == "speed");
      CHECK(settings["guard_metrics"][1] == it.value()[1]);
    } else {
      CHECK(settings[it.key()] == it.value());
    }
  }
}

TEST_CASE("paths are tidied and made absolute by their text alone") {
  CHECK(settings_of(setup_with({{"target_file", "./src/a.py"}})).target_files[0] == "src/a.py");
  CHECK(settings_of(setup_with({{"protected_paths", {"tests/"}}})).protected_paths[0] == "tests");
  CHECK(settings_of(setup_with({{"target_file", "a.git/.gitignore"}})).target_files[0] ==
        "a.git/.gitignore");
  auto relative = settings_of(setup_with({{"repo_path", "not/there"}})).repo_path;
  CHECK(relative == (std::filesystem::current_path() / "not/there").string());
  CHECK(settings_of(setup_with({{"repo_path", "."}})).repo_path ==
        std::filesystem::current_path().string());
  CHECK(settings_of(setup_with({{"repo_path", "/a/./b/../c/"}})).repo_path == "/a/b/../c");
  CHECK(settings_of(setup_with({{"repo_path", "/"}})).repo_path == "/");
}

TEST_CASE("null counts as not given, as does the seed's empty text") {
  CHECK(settings_of(setup_with({{"goal_id", ""}, {"metric_pattern", ""}})).goal_id.empty());
  json arguments = good_setup();
  arguments["max_iterations"] = nullptr;
  arguments["target_files"] = nullptr;
  CHECK(settings_of(arguments).max_iterations == 50);
  auto list = settings_of(setup_with({{"target_file", ""}, {"target_files", {"a", "b"}}}));
  CHECK(list.target_files.size() == 2);
  arguments = edit_with({});
  arguments["diff"] = nullptr;
  CHECK_FALSE(edit_of(arguments).given());
}

TEST_CASE("an integer may be written as 50.0") {
  CHECK(settings_of(setup_with({{"max_iterations", 20.0}})).max_iterations == 20);
}

TEST_CASE("a protected folder does not cover a file whose name merely begins alike") {
  auto s = settings_of(setup_with({{"target_file", "srcs/a.py"}, {"protected_paths", {"src"}}}));
  CHECK(s.protected_paths[0] == "src");
}

TEST_CASE("an edit comes as blocks, diff, text, files or not at all") {
  auto blocks =
      edit_of(edit_with({{"hypothesis", "faster"},
                         {"edits", {{{"file", "./a.py"}, {"search", "1"}, {"replace", "2"}}}}}));
  CHECK(blocks.hypothesis == "faster");
  REQUIRE(blocks.edits.size() == 1);
  CHECK(blocks.edits[0].file == "a.py");
  CHECK(edit_of(edit_with({{"diff", "--- a\n"}})).diff == "--- a\n");
  CHECK(edit_of(edit_with({{"content", ""}})).content == "");
  const std::string binary("a\0b", 3);
  CHECK(edit_of(edit_with({{"content", binary}})).content == binary);
  CHECK(edit_of(edit_with({{"content", {{"./a", "x"}}}})).content == json{{"a", "x"}});
  CHECK_FALSE(edit_of(edit_with({})).given());
}

TEST_CASE("each tool becomes its own message with the wait that was asked for") {
  const json id{{"session_id", "0123456789AB"}, {"wait_ms", 1500}};
  auto message = [&](const char* tool) {
    auto call = decode_call(tool, id);
    REQUIRE(call.has_value());
    CHECK(call->wait_ms == 1500);
    return call->message;
  };
  CHECK(std::get<edit_candidate>(message("autoresearch_edit")).session_id == "0123456789ab");
  CHECK(std::get<run_candidate>(message("autoresearch_run")).session_id == "0123456789ab");
  CHECK(std::get<decide_candidate>(message("autoresearch_decide")).session_id == "0123456789ab");
  CHECK(std::get<finalize_session>(message("autoresearch_finalize")).session_id == "0123456789ab");
  CHECK(std::get<get_status>(message("get_autoresearch_status")).wait_ms == 1500);
  auto list = decode_call("get_autoresearch_status", {{"session_id", ""}});
  REQUIRE(list.has_value());
  CHECK(std::holds_alternative<list_sessions>(list->message));
  CHECK_FALSE(list->wait_ms.has_value());
  CHECK(decode_call("get_autoresearch_status", nullptr).has_value());
  auto best = decode_call("get_hive_best_tool", {{"task_type", "review"}});
  REQUIRE(best.has_value());
  CHECK(std::get<best_tool_query>(best->message).task_type == "review");
  CHECK(std::get<best_tool_query>(best->message).hive);
  best = decode_call("get_hive_best_tool", nullptr);
  REQUIRE(best.has_value());
  CHECK(std::get<best_tool_query>(best->message).task_type == "autoresearch");
}

TEST_CASE("ten megabytes in any argument are refused at once") {
  const std::string big(10 << 20, 'x');
  auto begin = std::chrono::steady_clock::now();
  for (const char* name : {"repo_path", "target_file", "run_command", "metric_pattern", "goal_id"})
    CHECK(decode_call("autoresearch_setup", setup_with({{name, big}})).error().details["field"] ==
          name);
  for (const char* name : {"hypothesis", "diff", "content", "session_id"}) {
    auto refused = decode_call("autoresearch_edit", edit_with({{name, big}})).error();
    CHECK(refused.details["field"] == name);
    CHECK(refused.text.size() < 300);
  }
  CHECK(decode_call("autoresearch_edit", edit_with({{big, 1}})).error().text.size() < 300);
  CHECK(decode_call(big, {}).error().text.size() < 300);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("nesting without end is refused and does not end the process") {
  json deep = json::array();
  for (int i = 0; i < 20'000; ++i) {
    json outer = json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  // Never copied here: the copy of so deep a value needs a stack that this test does not have.
  json arguments = setup_with({{"edit_backend", {{"name", "mutate"}}}});
  arguments["edit_backend"]["x"] = std::move(deep);
  auto refused = decode_call("autoresearch_setup", arguments);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find("nested") != std::string::npos);
}

TEST_CASE("what the schema holds in options may stand there or by itself, and counts the same") {
  const json base{{"repo_path", "/r"}, {"target_file", "a.py"}, {"run_command", "true"}};
  json inside = base, outside = base;
  inside["options"] = {{"plateau", 7}, {"shared_paths", {"data"}}, {"sandbox", "none"}};
  outside.update(json{{"plateau", 7}, {"shared_paths", {"data"}}, {"sandbox", "none"}});
  for (const char* tool : {"autoresearch_setup", "start_autoresearch"})
    CHECK(json(settings_of(inside, tool)) == json(settings_of(outside, tool)));
  inside["options"] = nullptr;
  CHECK(json(settings_of(inside)) == json(settings_of(base)));
}

TEST_CASE("an object of options is checked as its arguments are") {
  json call{{"repo_path", "/r"}, {"target_file", "a.py"}, {"run_command", "true"}};
  auto refusal = [&](json options) {
    call["options"] = std::move(options);
    auto decoded = decode_call("autoresearch_setup", call);
    REQUIRE_FALSE(decoded.has_value());
    return decoded.error().text;
  };
  CHECK(refusal(3).find("options must be an object") != std::string::npos);
  CHECK(refusal({{"plateu", 3}}).find("Did you mean \"plateau\"?") != std::string::npos);
  CHECK(refusal({{"plateau", -1}}).find("plateau must be") != std::string::npos);
  CHECK(refusal({{"run_command", "false"}}).find("given twice") != std::string::npos);
  json deep = json::array();
  for (int i = 0; i < 100'000; ++i) {
    json outer = json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  json options = json::object();
  options["shared_paths"] = std::move(deep);
  CHECK(refusal(std::move(options)).find("nested deeper") != std::string::npos);
  auto edit = decode_call("autoresearch_edit",
                          {{"session_id", "0123456789ab"}, {"options", json::object()}});
  REQUIRE_FALSE(edit.has_value());
  CHECK(edit.error().text.find("no argument") != std::string::npos);
}
