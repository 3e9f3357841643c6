// SPDX-License-Identifier: MIT
//
// The program itself, from its arguments to its exit status.
#include <doctest/doctest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "actors/logic/text.hpp"
#include "messages/json.hpp"
#include "runtime/cli/search_view.hpp"

using namespace ratchet;
namespace fs = std::filesystem;

namespace {

struct ended {
  int status = -1;
  std::string output;  ///< standard output and error
};

// A directory with a state directory and a repository, gone afterwards.
struct place {
  fs::path top;

  place() {
    std::string name = (fs::temp_directory_path() / "ratchet-program-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    top = fs::canonical(name);
  }
  ~place() {
    std::error_code ignored;  // a process that stays behind may still be closing its files
    fs::remove_all(top, ignored);
  }

  ended shell(const std::string& command) const {
    FILE* pipe = popen(
        ("cd " + cli::shell_word(top.string()) + " && { " + command + "; } 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    ended e;
    std::array<char, 4096> bytes{};
    for (std::size_t n; (n = fread(bytes.data(), 1, bytes.size(), pipe)) > 0;)
      e.output.append(bytes.data(), n);
    int status = pclose(pipe);
    e.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return e;
  }
  ended ratchet(const std::string& arguments) const {
    return shell("RATCHET_STATE_DIR=" + cli::shell_word((top / "state").string()) +
                 " XDG_CONFIG_HOME=/nonexistent " RATCHET_BIN_DIR "/ratchet " + arguments);
  }
  json call(const std::string& tool, const json& arguments) const {
    std::ofstream(top / "arguments.json") << arguments;
    auto e = ratchet("call " + tool + " @arguments.json");
    json answer = json::parse(e.output, nullptr, false);
    if (answer.is_discarded()) FAIL(e.output);
    return answer;
  }
  fs::path repository(const std::string& program) const {
    fs::create_directories(top / "lab");
    std::ofstream(top / "lab" / "lab.sh") << program;
    auto e = shell(
        "cd lab && git init -q && git add . && git -c user.name=t -c user.email=t@t.invalid "
        "commit -qm start");
    if (e.status != 0) FAIL(e.output);
    return top / "lab";
  }
};

bool has(const ended& e, const std::string& part) {
  return e.output.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("usage errors end with 2, say what is wrong and what was perhaps meant") {
  place p;
  CHECK(p.ratchet("--version").status == 0);
  CHECK(p.ratchet("").status == 2);
  auto e = p.ratchet("statis");
  CHECK(e.status == 2);
  CHECK(has(e, "ratchet status"));
  CHECK(p.ratchet("run --bogus").status == 2);
  e = p.ratchet("run --json --repo .");
  CHECK(e.status == 2);
  CHECK(json::parse(e.output)["field"] == "run_command");
  CHECK(p.ratchet("call autoresearch_run '{bad'").status == 2);
  CHECK(p.ratchet("run --resume nonsense").status == 2);
}

TEST_CASE("every sub-command has help with examples") {
  place p;
  for (const char* name :
       {"run", "tools", "call", "status", "show", "events", "report", "doctor"}) {
    auto e = p.ratchet(std::string(name) + " --help");
    CAPTURE(name);
    CHECK(e.status == 0);
    CHECK(has(e, "Example"));
  }
}

TEST_CASE("call answers JSON and ends with 1 when the answer is an error") {
  place p;
  auto e = p.ratchet("call autoresearch_rum '{}'");
  CHECK(e.status == 1);
  CHECK(json::parse(e.output)["code"] == "invalid_argument");
  e = p.ratchet("call get_autoresearch_status");
  CHECK(e.status == 0);
  CHECK(json::parse(e.output) == json{{"active_sessions", json::array()}});
  e = p.ratchet("show 0123456789ab --json");
  CHECK(e.status == 1);
  CHECK(json::parse(e.output)["code"] == "unknown_session");
}

TEST_CASE("a whole search leaves a branch, a report and a summary, and touches nothing else") {
  place p;
  p.repository("level=3\necho score: $((20 - (level - 9) * (level - 9)))\n");
  const std::string before = p.shell("cd lab && git status --porcelain && cat lab.sh").output;
  auto e = p.ratchet("run --json --repo lab -t lab.sh -n 4 --pairs 1 --seed 1 -- sh lab.sh 2>err");
  CHECK(e.status == 0);
  auto lines = lines_of(e.output);
  REQUIRE(lines.size() > 3);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    CHECK(json::parse(lines[i])["specversion"] == "1.0");
  CHECK(json::parse(lines.front())["type"] == "autoresearch.started");
  CHECK(json::parse(lines[lines.size() - 2])["type"] == "autoresearch.completed");
  json summary = json::parse(lines.back())["summary"];
  CHECK(summary["finished"] == true);
  std::string id = summary["session_id"];
  CHECK(fs::exists(summary["final"]["report_path"].get<std::string>()));
  CHECK(fs::exists(summary["results_path"].get<std::string>()));
  CHECK(p.shell("cd lab && git status --porcelain && cat lab.sh").output == before);
  CHECK(has(p.ratchet("status"), id));
  CHECK(has(p.ratchet("show " + id + " 1"), "decision"));
  CHECK(p.ratchet("report " + id).status == 0);
  CHECK(has(p.ratchet("events --session " + id), "autoresearch.baseline"));
  CHECK(p.ratchet("run --resume " + id).status == 1);
}

TEST_CASE("with wait_ms the step goes on in a process that stays behind") {
  place p;
  auto repository = p.repository("while [ ! -e \"$FLAG\" ]; do sleep 0.02; done\necho score: 7\n");
  const fs::path flag = p.top / "go";
  json answer = p.call("autoresearch_setup", {{"repo_path", repository.string()},
                                              {"target_file", "lab.sh"},
                                              {"run_command", "sh lab.sh"},
                                              {"environment", {"FLAG=" + flag.string()}},
                                              {"sandbox", "none"},
                                              {"wait_ms", 50}});
  CHECK(answer["state"] == "running");
  REQUIRE(answer.contains("session_id"));
  std::ofstream(flag) << "go";
  json status = p.call("get_autoresearch_status",
                       {{"session_id", answer["session_id"]}, {"wait_ms", 60'000}});
  CHECK(status["status"] == "running");
  CHECK(status["baseline_metric"] == 7.0);
  CHECK(status["step"] == "autoresearch_edit");
}

TEST_CASE("the log's level is a flag or a variable, and a word that is no level is refused") {
  place here;
  const std::string command = "call get_autoresearch_status";
  auto told = here.ratchet(command + " --log debug");
  CHECK(told.status == 0);
  CHECK(told.output.find("debug: ") != std::string::npos);
  CHECK(told.output.find("roles are started") != std::string::npos);
  CHECK(here.ratchet(command).output.find("debug: ") == std::string::npos);

  const std::string by_variable =
      "export RATCHET_LOG=debug; RATCHET_STATE_DIR=state " RATCHET_BIN_DIR "/ratchet ";
  CHECK(here.shell(by_variable + command).output.find("debug: ") != std::string::npos);
  CHECK(here.shell(by_variable + "--log off " + command).output.find("debug: ") ==
        std::string::npos);

  for (const std::string words : {"--log loud status", "status --log=loud"}) {
    auto refused = here.ratchet(words);
    CHECK(refused.status == 2);
    CHECK(refused.output.find("--log: \"loud\" is no level") != std::string::npos);
  }
  auto wrong = here.shell("RATCHET_LOG=loud " RATCHET_BIN_DIR "/ratchet status --json");
  CHECK(wrong.status == 2);
  CHECK(json::parse(wrong.output).at("error").get<std::string>().starts_with("RATCHET_LOG: "));
}
