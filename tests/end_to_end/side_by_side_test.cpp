// SPDX-License-Identifier: MIT
//
// Candidates side by side, with the real program: nobody waits for the slowest, what was kept
// meanwhile is built upon, and a process that is killed loses nothing.
#include <csignal>

#include "tests/end_to_end/program.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

/// A search on a file of its own, whose lines are numbers; the score is their sum. The code that it
/// begins with is {1, 1}, or has more lines.
struct sums {
  laboratory lab;

  explicit sums(const std::vector<int>& lines) {
    write_text(lab.repository / "sum.txt", text(lines));
    lab.git("add -A");
    lab.git("-c user.name=a -c user.email=a@example.org commit -qm sums");
    fs::create_directory(lab.folder.path / "runs");
  }
  static std::string text(const std::vector<int>& lines) {
    std::string all;
    for (int line : lines) all += std::to_string(line) + "\n";
    return all;
  }
  /// Candidates, in this order.
  std::string script(const std::vector<std::vector<int>>& candidates) const {
    std::string lines;
    for (const auto& c : candidates) lines += json{{"content", text(c)}}.dump() + "\n";
    write_text(lab.folder.path / "script.jsonl", lines);
    return json{{"name", "script"}, {"path", (lab.folder.path / "script.jsonl").string()}}.dump();
  }
  std::vector<std::string> words(const std::string& backend, int parallel,
                                 const std::string& before) const {
    const auto at = [&](const char* name) { return "'" + (lab.folder.path / name).string() + "'"; };
    return {"run",
            "--repo",
            lab.repository.string(),
            "-t",
            "sum.txt",
            "--backend",
            backend,
            "--parallel",
            std::to_string(parallel),
            "--no-compare",
            "--no-prune",
            "--command",
            "t=$(tr '\\n' ' ' < sum.txt); cd " + at("runs") + " && { test \"$t\" = '1 1 ' || { " +
                before +
                "; }; }; cd - > /dev/null; awk '{s += $1} END {print \"score: \" s}' sum.txt"};
  }
  std::string id() const {
    return lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  }
  json report() const { return lab.run({"report", id(), "--json"}).answer(); }
  std::string best() const { return lab.git("show ratchet/" + id() + ":sum.txt"); }
};

/// Of the candidates the first ends when seven others have.
const std::string first_is_slow =
    "if mkdir slow 2> /dev/null; then while [ $(ls | grep -c done) -lt 7 ]; do sleep 0.02; done; "
    "fi; touch done.$$";

bool appears(process& p, const fs::path& path) {
  while (!fs::exists(path))
    if (p.ends_within(10)) return false;
  return true;
}

}  // namespace

TEST_CASE("side by side nobody waits for the slowest") {
  sums s({1, 1});
  std::vector<std::vector<int>> worse;
  for (int i = 1; i <= 9; ++i) worse.push_back({1, 1 - i});
  auto words = s.words(s.script(worse), 2, first_is_slow);
  words.insert(words.begin() + 1, {"-n", "9", "--time-budget", "30"});
  const auto done = s.lab.run(words);
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  const auto report = s.report();
  CHECK(report["results"].size() == 10);
  for (const auto& row : report["results"])
    CHECK_MESSAGE(row["result"]["metric_value"].is_number(), row.dump());
  CHECK(report["session"]["spark_consumed"] == 36);
}

TEST_CASE("of two gains side by side both are kept, the second upon the first") {
  std::vector<int> lines(20, 1);
  sums s(lines);
  auto first = lines, second = lines;
  first[0] = 5;
  second[19] = 3;
  auto words = s.words(s.script({first, second}), 2, "true");
  words.insert(words.begin() + 1, {"-n", "2"});
  const auto done = s.lab.run(words);
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  CHECK_MESSAGE(done.out.find("2 kept") != std::string::npos, done.out);
  auto both = first;
  both[19] = 3;
  CHECK(s.best() == sums::text(both));
  CHECK(s.report()["session"]["best_metric"] == 26);
  CHECK(s.lab.git("rev-list --count main..ratchet/" + s.id()) == "2\n");
}

TEST_CASE("killed with candidates side by side, a search goes on and counts each of them once") {
  sums s({1, 1});
  std::vector<std::vector<int>> candidates;
  for (int i = 1; i <= 8; ++i) candidates.push_back({i, 2 + i % 3 - i});
  // Once three have been measured, every run waits until there is `go`.
  auto words = s.words(s.script(candidates), 3,
                       "while [ ! -e go ] && [ $(ls | grep -c done) -ge 3 ]; do touch waits; "
                       "sleep 0.02; done; touch done.$$");
  words.insert(words.begin() + 1, {"-n", "8"});
  process p(s.lab.command(words), s.lab.folder.path);
  REQUIRE(appears(p, s.lab.folder.path / "runs" / "waits"));
  p.send(SIGKILL);
  CHECK(p.end().signal == SIGKILL);
  CHECK(p.all_gone());
  write_text(s.lab.folder.path / "runs" / "go", "");
  const auto done = s.lab.run({"run", "--resume", s.id(), "--no-compare", "--no-prune"});
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  const auto report = s.report();
  REQUIRE(report["results"].size() == 9);
  for (const auto& row : report["results"]) CHECK_MESSAGE(row["decision"] != "", row.dump());
  CHECK(report["session"]["spark_consumed"] == 32);
  CHECK(report["session"]["best_metric"] == 4);
  s.lab.git("fsck --strict");
}

TEST_CASE("Ctrl-C leaves candidates side by side to be gone on with, and no process") {
  sums s({1, 1});
  auto words = s.words(s.script({{1, 2}, {1, 3}, {1, 4}}), 3,
                       "while [ ! -e go ]; do touch waits; sleep 0.02; done");
  words.insert(words.begin() + 1, {"-n", "3"});
  process p(s.lab.command(words), s.lab.folder.path);
  REQUIRE(appears(p, s.lab.folder.path / "runs" / "waits"));
  p.send(SIGINT);
  CHECK(p.end().exit_code == 130);
  CHECK(p.all_gone());
  CHECK(s.lab.status(s.id())["side_by_side"] == 3);
  write_text(s.lab.folder.path / "runs" / "go", "");
  const auto done = s.lab.run({"run", "--resume", s.id(), "--no-compare", "--no-prune"});
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  CHECK(s.report()["session"]["best_metric"] == 5);
  CHECK(s.report()["session"]["spark_consumed"] == 12);
}

TEST_CASE("a call of the run tool waits for all side by side, or for the first") {
  sums s({1, 1});
  const json backend = json::parse(s.script({{1, 0}, {1, -1}, {1, -2}, {1, -3}}));
  const auto start = [&] {
    return s.lab
        .ask("start_autoresearch",
             {{"repo_path", s.lab.repository.string()},
              {"target_file", "sum.txt"},
              {"run_command", "awk '{s += $1} END {print \"score: \" s}' sum.txt"},
              {"edit_backend", backend},
              {"hive_parallel", true},
              {"num_variants", 2}})["session_id"]
        .get<std::string>();
  };
  const auto id = start();
  s.lab.ask("autoresearch_edit", {{"session_id", id}});
  CHECK(s.lab.ask("autoresearch_run", {{"session_id", id}})["variants"].size() == 2);
  s.lab.ask("autoresearch_decide", {{"session_id", id}});
  s.lab.ask("autoresearch_edit", {{"session_id", id}});
  const auto one = s.lab.ask("autoresearch_run", {{"session_id", id}, {"wait_for", "first"}});
  CHECK(one["variants"].size() >= 1);
  const auto wrong =
      s.lab.call("autoresearch_run", {{"session_id", id}, {"wait_for", "some"}}).answer();
  CHECK_MESSAGE(wrong["error"].get<std::string>().find("wait_for") != std::string::npos,
                wrong.dump());
}
