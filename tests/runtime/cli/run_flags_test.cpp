// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "runtime/cli/run_options.hpp"

using namespace ratchet;
using namespace ratchet::cli;
namespace fs = std::filesystem;

namespace {

json settings_of(const std::vector<std::string>& words) {
  CLI::App app;
  run_flags flags;
  add_run_options(app, flags);
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  app.parse(reversed);
  json settings = json::object();
  auto ok = flag_settings(flags, settings);
  if (!ok) FAIL(ok.error().text);
  put_seed(flags, settings);
  return settings;
}

std::string refused(const std::vector<std::string>& words) {
  CLI::App app;
  run_flags flags;
  add_run_options(app, flags);
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  app.parse(reversed);
  json settings;
  auto ok = flag_settings(flags, settings);
  return ok ? "" : ok.error().details["field"].get<std::string>();
}

}  // namespace

TEST_CASE("no flag says nothing, so that files and environment are heard") {
  CHECK(settings_of({}) == json::object());
}

TEST_CASE("words after -- are the command, untouched by a shell") {
  auto s = settings_of({"--target", "a.py", "--", "python3", "a.py", "--fast", "-x"});
  CHECK(s["target_file"] == "a.py");
  CHECK(s["run_command"] == json{"python3", "a.py", "--fast", "-x"});
}

TEST_CASE("targets, guards, gates and paths may be given again and again") {
  auto s = settings_of({"-t", "a", "-t", "b", "--guard", "loss", "--guard",
                        R"({"name": "mem", "direction": "lower_is_better"})", "--gate",
                        "lint=ruff check .", "--protect", "eval.py", "--share", "data", "--env",
                        "A=1", "--env", "B"});
  CHECK(s["target_files"] == json{"a", "b"});
  CHECK(s["guard_metrics"][0] == "loss");
  CHECK(s["guard_metrics"][1]["name"] == "mem");
  CHECK(s["gates"][0] == json{{"name", "lint"}, {"command", "ruff check ."}});
  CHECK(s["protected_paths"] == json::array({"eval.py"}));
  CHECK(s["shared_paths"] == json::array({"data"}));
  CHECK(s["environment"] == json{"A=1", "B"});
}

TEST_CASE("numbers and times become the arguments of setup") {
  auto s = settings_of({"-n", "20", "--time-budget", "1.5m", "--total-time", "2h", "--spark-budget",
                        "40", "--max-cost", "2.5", "--max-tokens", "70000", "--repeats", "8",
                        "--min-delta", "0.1", "--minimize", "-m", "loss"});
  CHECK(s["max_iterations"] == 20);
  CHECK(s["time_budget_s"] == 90.0);
  CHECK(s["total_time_budget_s"] == 7200.0);
  CHECK(s["spark_budget"] == 40);
  CHECK(s["max_cost_usd"] == 2.5);
  CHECK(s["max_tokens"] == 70000);
  CHECK(s["repeats"] == 8);
  CHECK(s["min_delta"] == 0.1);
  CHECK(s["metric_direction"] == "lower_is_better");
  CHECK(s["metric_name"] == "loss");
}

TEST_CASE("times have units and nonsense has none") {
  CHECK(parse_duration("90") == 90.0);
  CHECK(parse_duration("500ms") == 0.5);
  CHECK(parse_duration("1d") == 86'400.0);
  for (const char* text : {"", "x", "5 m", "5x", "-1", "inf", "nan", "1e999"})
    CHECK_FALSE(parse_duration(text).has_value());
}

TEST_CASE("a seed joins the backend however that was said") {
  CHECK(settings_of({"--seed", "7"})["edit_backend"] == json{{"name", "mutate"}, {"seed", 7}});
  CHECK(
      settings_of({"--seed", "7", "--backend", R"({"name": "mutate", "a": 1})"})["edit_backend"] ==
      json{{"name", "mutate"}, {"a", 1}, {"seed", 7}});
  CHECK(settings_of({"--backend", "recipes"})["edit_backend"] == "recipes");
}

TEST_CASE("flags that contradict each other or cannot be read are refused by name") {
  CHECK(refused({"--minimize", "--maximize"}) == "metric_direction");
  CHECK(refused({"-c", "x", "--", "y"}) == "run_command");
  CHECK(refused({"--time-budget", "soon"}) == "time_budget_s");
  CHECK(refused({"--backend", "{oops"}) == "edit_backend");
  CHECK(refused({"--guard", "{oops"}) == "guard_metrics");
  CHECK(refused({"--gate", "nameless"}) == "gates");
}

TEST_CASE("the repository is the nearest folder above that has a .git") {
  std::string name = (fs::temp_directory_path() / "ratchet-cli-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  fs::path top = fs::canonical(name);
  fs::create_directories(top / "repo" / ".git");
  fs::create_directories(top / "repo" / "src" / "deep");
  CHECK(cli::find_repository(top / "repo" / "src" / "deep") == top / "repo");
  CHECK(cli::find_repository(top / "repo" / "") == top / "repo");
  fs::remove_all(top);
}
