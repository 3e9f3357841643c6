// SPDX-License-Identifier: MIT
//
// The same with tools whose products are no objects: Python's byte code, which compares whole
// seconds and sizes, and cargo's fingerprints.
#include <doctest/doctest.h>

#include "tests/builds/built_project.hpp"
#include "tests/support/long_tests.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

/// Where rustup keeps its tools, whatever the tests make HOME.
const std::string users_home = std::getenv("HOME") ? std::getenv("HOME") : "";

/// One number in one file, edited again and again to another of the same length.
struct one_number {
  laboratory lab;
  std::string file, before, after;
  std::string id;

  std::string text(int value) const { return before + std::to_string(value) + after; }
  void commit(const std::map<std::string, std::string>& files) {
    for (const auto& [name, content] : files) {
      fs::create_directories((lab.repository / name).parent_path());
      write_text(lab.repository / name, content);
    }
    fs::create_directories((lab.repository / file).parent_path());
    write_text(lab.repository / file, text(5));
    lab.git("add -A");
    lab.git("-c user.name=a -c user.email=a@example.org commit -qm project");
  }
  void open(json settings) {
    json arguments{
        {"repo_path", lab.repository.string()}, {"target_file", file}, {"edit_backend", "host"}};
    arguments.update(settings);
    id = lab.ask("autoresearch_setup", arguments)["session_id"];
  }
  void measures_its_own() {
    int best = 5, tries = 0;
    for (int value : {6, 4, 7, 3, 8}) {
      if (++tries > 3 && !long_tests()) return;
      lab.ask("autoresearch_edit", {{"session_id", id}, {"content", text(value)}});
      const json ran = lab.ask("autoresearch_run", {{"session_id", id}});
      CHECK_MESSAGE(ran["metric_value"] == value, ran.dump());
      for (const auto& s : ran.value("samples", json::array()))
        CHECK_MESSAGE(s["metric_value"] == (s["incumbent"].get<bool>() ? best : value), ran.dump());
      const json decided = lab.ask("autoresearch_decide", {{"session_id", id}});
      if (decided["decision"] == "kept") best = value;
    }
  }
};

}  // namespace

TEST_CASE("Python's byte code is never that of another candidate, in or out of the tree") {
  for (const bool outside : {false, true})
    for (int repeats : {1, 3}) {
      if (!long_tests() && (repeats == 1) != outside) continue;
      CAPTURE(outside);
      one_number python{{}, "knob.py", "K = ", "\n", {}};
      python.commit({{"run.py", "import knob\nprint('score:', knob.K)\n"}});
      json how{{"setup_command", "python3 run.py"},
               {"run_command", "python3 run.py"},
               {"repeats", repeats}};
      if (outside)
        how["environment"] = {"PYTHONPYCACHEPREFIX=" + (python.lab.folder.path / "pyc").string()};
      python.open(how);
      python.measures_its_own();
    }
}

TEST_CASE("cargo, where it is installed") {
  if (!installed("cargo")) return;
  one_number rust{{}, "src/main.rs", "fn main() {\n    println!(\"score: {}\", ", ");\n}\n", {}};
  rust.commit(
      {{"Cargo.toml", "[package]\nname = \"prog\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
       {".gitignore", "target/\nCargo.lock\n"}});
  rust.open({{"build_command", "cargo build --offline --quiet"},
             {"run_command", "target/debug/prog"},
             {"environment", {"RUSTUP_HOME=" + users_home + "/.rustup"}},
             {"repeats", 1}});
  rust.measures_its_own();
}
