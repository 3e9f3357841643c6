// SPDX-License-Identifier: MIT
#include "runtime/cli/run_settings.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::cli;
namespace fs = std::filesystem;

namespace {

/// Works in a folder of its own while it lives.
struct elsewhere {
  elsewhere() : before(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "ratchet-settings-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    top = fs::canonical(name);
    fs::current_path(top);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
  }
  ~elsewhere() {
    fs::current_path(before);
    fs::remove_all(top);
  }
  fs::path before, top;
};

run_flags flags_for(const std::string& repo) {
  run_flags flags;
  flags.repo = repo;
  flags.targets = {"train.py"};
  flags.command = "python3 train.py";
  return flags;
}

}  // namespace

TEST_CASE("a repository of a node's machine need not exist here, and its paths stay as given") {
  elsewhere here;
  json settings;
  auto ok = read_settings_for_node(flags_for("/srv/lab"), settings);
  if (!ok) FAIL(ok.error().text);
  CHECK(settings["repo_path"] == "/srv/lab");
  CHECK(settings["target_file"] == "train.py");
}

TEST_CASE("the ratchet.json where the command runs counts, and what it names lies at the node") {
  elsewhere here;
  std::ofstream("ratchet.json") << R"({"max_iterations": 7, "constitution": "rules/own.json"})";
  json settings;
  REQUIRE(read_settings_for_node(flags_for("/srv/lab"), settings));
  CHECK(settings["max_iterations"] == 7);
  CHECK(settings["constitution"] == "/srv/lab/rules/own.json");
  auto flags = flags_for("/srv/lab");
  flags.settings["constitution"] = "/etc/rules.json";
  REQUIRE(read_settings_for_node(flags, settings));
  CHECK(settings["constitution"] == "/etc/rules.json");
}

TEST_CASE("without an absolute path the node's repository is asked for, and slots are the node's") {
  elsewhere here;
  json settings;
  for (const char* repo : {"", "lab", "./lab"}) {
    CAPTURE(repo);
    auto ok = read_settings_for_node(flags_for(repo), settings);
    REQUIRE_FALSE(ok);
    CHECK(ok.error().details["field"] == "repo_path");
    CHECK(ok.error().text.find("a path there") != std::string::npos);
  }
  auto flags = flags_for("/srv/lab");
  flags.slots = 2;
  auto ok = read_settings_for_node(flags, settings);
  REQUIRE_FALSE(ok);
  CHECK(ok.error().details["field"] == "slots");
}

TEST_CASE("a backend that does not exist is refused before anything is started") {
  elsewhere here;
  fs::create_directories(here.top / "lab" / ".git");
  json settings;
  auto flags = flags_for((here.top / "lab").string());
  REQUIRE(read_settings(flags, settings));
  flags.settings["edit_backend"] = "mutat";
  auto refused = read_settings(flags, settings);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().details["field"] == "edit_backend");
  CHECK(refused.error().text.find("\"mutate\"") != std::string::npos);
}
