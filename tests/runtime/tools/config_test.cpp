// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "runtime/tools/config.hpp"
#include "runtime/tools/tools.hpp"
#include "tests/runtime/tools/calls.hpp"

using namespace ratchet;
namespace fs = std::filesystem;

namespace {

// A repository and a user's configuration directory that are gone afterwards.
struct places {
  fs::path top;
  environment_map environment;

  places() {
    std::string name = (fs::temp_directory_path() / "ratchet-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    top = name;
    fs::create_directories(top / "repository");
    fs::create_directories(top / "user" / "ratchet");
    environment["XDG_CONFIG_HOME"] = (top / "user").string();
  }
  ~places() { fs::remove_all(top); }

  void in_repository(const std::string& text) { write(top / "repository" / "ratchet.json", text); }
  void of_user(const std::string& text) { write(top / "user" / "ratchet" / "config.json", text); }
  expected<json> load(const json& flags = json::object()) {
    return load_setup_arguments(flags, top / "repository", environment);
  }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
};

}  // namespace

TEST_CASE("flags win over the environment, that over the repository, that over the user") {
  places p;
  p.of_user(R"({"max_iterations": 1, "time_budget_s": 1, "goal_id": "user", "sandbox": "none"})");
  p.in_repository(R"({"max_iterations": 2, "time_budget_s": 2, "goal_id": "repo"})");
  p.environment["RATCHET_MAX_ITERATIONS"] = "3";
  p.environment["RATCHET_TIME_BUDGET_S"] = "3.5";
  auto settings = p.load({{"max_iterations", 4}});
  REQUIRE(settings.has_value());
  CHECK((*settings)["max_iterations"] == 4);
  CHECK((*settings)["time_budget_s"] == 3.5);
  CHECK((*settings)["goal_id"] == "repo");
  CHECK((*settings)["sandbox"] == "none");
}

TEST_CASE("absent files give no settings") {
  places p;
  CHECK(*p.load() == json::object());
  p.environment.clear();
  CHECK(*p.load({{"goal_id", "x"}}) == json{{"goal_id", "x"}});
}

TEST_CASE("target_file of a nearer place replaces target_files of a farther one") {
  places p;
  p.in_repository(R"({"target_files": ["a", "b"]})");
  auto settings = p.load({{"target_file", "c"}});
  CHECK(*settings == json{{"target_file", "c"}});
}

TEST_CASE("an unknown key is refused with the file and the nearest known key") {
  places p;
  p.in_repository(R"({"max_iteration": 2})");
  auto refused = p.load();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().text.find("ratchet.json") != std::string::npos);
  CHECK(refused.error().text.find("\"max_iterations\"") != std::string::npos);
}

TEST_CASE("a value of the wrong kind is refused with its place") {
  places p;
  p.of_user(R"({"repeats": "many"})");
  CHECK(p.load().error().text.find("config.json: repeats must be \"auto\" or an integer") !=
        std::string::npos);
  places q;
  q.environment["RATCHET_REPEATS"] = "many";
  CHECK(q.load().error().text.find("RATCHET_REPEATS: repeats must be") != std::string::npos);
}

TEST_CASE("a broken file is refused with its line") {
  places p;
  p.in_repository("{\n  \"repeats\": 3,\n  oops\n}\n");
  auto refused = p.load();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find("line 3") != std::string::npos);
  p.in_repository("[1]");
  CHECK(p.load().error().text.find("JSON object") != std::string::npos);
}

TEST_CASE("a file may have comments, and may not say which repository") {
  places p;
  p.in_repository("{\n  // nightly\n  \"repeats\": 8\n}\n");
  CHECK((*p.load())["repeats"] == 8);
  p.in_repository(R"({"repo_path": "/elsewhere"})");
  CHECK(p.load().error().text.find("command line") != std::string::npos);
}

TEST_CASE("a folder in place of the file is an error and not an absent file") {
  places p;
  fs::create_directories(p.top / "repository" / "ratchet.json");
  CHECK(p.load().error().text.find("not a regular file") != std::string::npos);
}

TEST_CASE("variables are read as their setting's kind") {
  places p;
  p.environment["RATCHET_TARGET_FILES"] = "a.py, src/b.py";
  p.environment["RATCHET_PROTECTED_PATHS"] = R"(["x,y"])";
  p.environment["RATCHET_RUN_COMMAND"] = R"(["python3", "a.py"])";
  p.environment["RATCHET_SETUP_COMMAND"] = "make, all";
  p.environment["RATCHET_ALLOW_MISSING_BASELINE"] = "1";
  p.environment["RATCHET_EDIT_BACKEND"] = R"({"name": "mutate", "seed": 3})";
  p.environment["RATCHET_METRIC_NAME"] = "7";
  p.environment["RATCHET_GOAL_ID"] = "";
  auto settings = p.load();
  if (!settings) FAIL(settings.error().text);
  CHECK((*settings)["target_files"] == json{"a.py", "src/b.py"});
  CHECK((*settings)["protected_paths"] == json::array({"x,y"}));
  CHECK((*settings)["run_command"] == json{"python3", "a.py"});
  CHECK((*settings)["setup_command"] == "make, all");
  CHECK((*settings)["allow_missing_baseline"] == true);
  CHECK((*settings)["edit_backend"]["seed"] == 3);
  CHECK((*settings)["metric_name"] == "7");
  CHECK_FALSE(settings->contains("goal_id"));
}

TEST_CASE("a slip in a variable's name is an error, another program's variable is not") {
  places p;
  p.environment["RATCHET_STATE_DIR"] = "/x";
  p.environment["RATCHET_LAUNCHER"] = "/y";
  p.environment["RATCHET_COLOUR_OF_THE_HANDLE"] = "red";
  CHECK(p.load().has_value());
  p.environment["RATCHET_MAX_ITERATION"] = "5";
  auto refused = p.load();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find("RATCHET_MAX_ITERATIONS") != std::string::npos);
}

TEST_CASE("the path of a constitution in a file starts at the file") {
  places p;
  p.in_repository(R"({"constitution": "rules.json"})");
  CHECK((*p.load())["constitution"] == (p.top / "repository" / "rules.json").string());
  p.in_repository(R"({"instructions": "@notes.md"})");
  CHECK((*p.load())["instructions"] == "@" + (p.top / "repository" / "notes.md").string());
}

TEST_CASE("instructions are read from a file, and refused where it cannot be or is too long") {
  places p;
  const std::string path = (p.top / "notes.md").string();
  auto call = [&](const std::string& text) {
    return decode_call("autoresearch_setup",
                       ratchet::testing::setup_with({{"instructions", text}}));
  };
  std::ofstream(path) << "keep it short\n";
  auto read = call("@" + path);
  REQUIRE(read.has_value());
  CHECK(std::get<setup_session>(read->message).settings->instructions == "keep it short\n");
  std::ofstream(path) << std::string(most_instruction_bytes + 1, 'x');
  CHECK(call("@" + path).error().text.find("more than 32 KiB") != std::string::npos);
  CHECK(call("@" + p.top.string()).error().text.find("cannot be read") != std::string::npos);
  CHECK(call("@" + path + "x").error().text.find("cannot be read") != std::string::npos);
}
