// SPDX-License-Identifier: MIT
//
// Programs that ask git while they are measured, and what a run's git can reach.
#include "tests/end_to_end/program.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

/// One edit, measured and kept or not.
json try_text(const laboratory& lab, const std::string& session, const std::string& text) {
  lab.edit_to(session, text);
  lab.ask("autoresearch_run", {{"session_id", session}});
  return lab.ask("autoresearch_decide", {{"session_id", session}});
}

}  // namespace

TEST_CASE("a run that asks git what version it is hears what the user's tree says") {
  laboratory lab;
  lab.git("tag -a v1.2 -m x && git commit -q --allow-empty -m more");
  const std::string described = lab.git("describe --dirty");
  const fs::path out = lab.folder.path / "said";
  const std::string run =
      "{ git describe --dirty; git status --porcelain; git rev-parse "
      "--abbrev-ref HEAD; git rev-list --count HEAD; } > '" +
      out.string() + "' 2>&1; cat p.txt";
  auto id = lab.start({{"run_command", run}, {"repeats", 1}});
  CHECK(read_text(out) == described + "main\n2\n");
  lab.edit_to(id, "score: 6\n");
  lab.ask("autoresearch_run", {{"session_id", id}});
  CHECK(read_text(out) ==
        described.substr(0, described.size() - 1) + "-dirty\n M p.txt\nmain\n2\n");
  auto decided = lab.ask("autoresearch_decide", {{"session_id", id}});
  CHECK(decided.value("decision", "") == "kept");
  lab.edit_to(id, "score: 4\n");
  lab.ask("autoresearch_run", {{"session_id", id}});
  CHECK(read_text(out).starts_with("v1.2-2-g"));
  CHECK(read_text(out).ends_with("-dirty\n M p.txt\nmain\n3\n"));
}

TEST_CASE("a run that deletes or rewrites its .git finds it again in the next") {
  for (const std::string sandbox : {"none", "auto"}) {
    CAPTURE(sandbox);
    laboratory lab;
    auto users = lab.users();
    const fs::path out = lab.folder.path / "said";
    const std::string run = "git rev-parse HEAD > '" + out.string() +
                            "' 2>&1; git -c user.name=x -c user.email=x@y commit -qam x; rm -rf "
                            ".git; git init -q .; cat p.txt";
    auto id = lab.start({{"run_command", run}, {"repeats", 1}, {"sandbox", sandbox}});
    const std::string base = lab.git("rev-parse HEAD");
    CHECK(read_text(out) == base);
    lab.edit_to(id, "score: 3\n");
    lab.ask("autoresearch_run", {{"session_id", id}});
    CHECK(read_text(out) == base);
    CHECK(lab.ask("autoresearch_decide", {{"session_id", id}}).value("decision", "") == "reverted");
    try_text(lab, id, "score: 8\n");
    try_text(lab, id, "score: 7\n");
    CHECK(read_text(out) == lab.git("rev-parse ratchet/" + id));
    lab.ask("autoresearch_finalize", {{"session_id", id}});
    CHECK_FALSE(fs::exists(lab.state / "sessions" / id));
    CHECK(differences(users, lab.users()) == "");
  }
}

TEST_CASE("no run reaches a repository around the state directory") {
  laboratory lab;
  // The state lies in a home directory that is itself under git.
  lab.state = lab.folder.path / "home" / ".local" / "state";
  const fs::path home = lab.folder.path / "home";
  fs::create_directories(lab.state);
  write_text(home / "mine", "a\n");
  shell(home,
        "git init -q . && git add mine && git -c user.name=x -c user.email=x@y commit -qm home && "
        "echo 'my uncommitted work' > mine");
  for (const std::string first :
       {"git reset -q --hard", "rm -rf .git; git reset -q --hard", "cd .. && git reset -q --hard",
        "rm -rf .git ../eyes; git -C ../.. reset -q --hard; git stash"}) {
    for (const std::string sandbox : {"none", "auto"}) {
      CAPTURE(first);
      CAPTURE(sandbox);
      auto id = lab.start({{"run_command", "(" + first + "); cat p.txt"},
                           {"setup_command", "(" + first + "); true"},
                           {"gates", json::array({{{"name", "g"}, {"command", first + "; true"}}})},
                           {"sandbox", sandbox},
                           {"repeats", 1}});
      REQUIRE(id != "");
      lab.edit_to(id, "score: 6\n");
      lab.ask("autoresearch_run", {{"session_id", id}});
      lab.ask("autoresearch_decide", {{"session_id", id}});
      CHECK(read_text(home / "mine") == "my uncommitted work\n");
    }
  }
}

TEST_CASE("a failed baseline names what the user's tree has and the work tree has not") {
  laboratory lab;
  write_text(lab.repository / "data.csv", "1\n");
  auto failed = lab.call("autoresearch_setup",
                         lab.setup_arguments({{"run_command", "cat data.csv; cat p.txt; exit 3"}}));
  const std::string said = failed.answer().value("error", "");
  CAPTURE(said);
  CHECK(said.find("not in the work tree but in yours: data.csv") != std::string::npos);
  CHECK(said.find("--share data.csv") != std::string::npos);
  auto setup =
      lab.call("autoresearch_setup", lab.setup_arguments({{"setup_command", "test -e data.csv"}}));
  CHECK(setup.answer().value("error", "").find("data.csv") != std::string::npos);
  // One that works says nothing of it.
  auto well = lab.ask("autoresearch_setup", lab.setup_arguments());
  CHECK(well.dump().find("not in the work tree") == std::string::npos);
}

TEST_CASE("what a build will miss stands in setup's answer and at the start of a search") {
  laboratory lab;
  lab.environment = {"CFLAGS=-O9"};
  write_text(lab.repository / "other.txt", "changed\n");
  shell(lab.folder.path,
        "git init -q made && cd made && echo dep > f && git add f && git -c user.name=x -c "
        "user.email=x@y commit -qm dep");
  lab.git(
      "-c protocol.file.allow=always submodule --quiet add ../made dep && git commit -qm dep "
      "-- .gitmodules dep");
  const json warnings = lab.ask("autoresearch_setup", lab.setup_arguments())["warnings"];
  REQUIRE(warnings.is_array());
  const std::string said = warnings.dump();
  CHECK(said.find("the submodule \\\"dep\\\" is empty here") != std::string::npos);
  CHECK(said.find("--env CFLAGS") != std::string::npos);
  auto search = lab.run({"run", "--repo", lab.repository.string(), "-t", "p.txt", "-n", "1",
                         "--no-compare", "-c", "cat p.txt"});
  CHECK(search.out.find("warning: the submodule \"dep\"") != std::string::npos);
  CHECK(search.out.find("1 uncommitted file(s) of yours are left out (other.txt)") !=
        std::string::npos);
  // The remedy that is named works.
  auto taken =
      lab.run({"run", "--repo", lab.repository.string(), "-t", "p.txt", "-n", "1", "--no-compare",
               "--as-checked-out", "--env", "CFLAGS", "-c", "cat dep/f; cat p.txt"});
  CAPTURE(taken.out);
  CHECK(taken.exit_code == 0);
  CHECK(taken.out.find("warning: the submodule") == std::string::npos);
}
