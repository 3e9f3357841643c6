// SPDX-License-Identifier: MIT
//
// How a search ends, with the real program: its goal, its budgets by name, what can never work, and
// what is said at the start and at the end.
#include <csignal>

#include "tests/end_to_end/program.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A search on a program of its own, whose text is given.
struct ending {
  laboratory lab;

  explicit ending(const std::string& program) {
    write_text(lab.repository / "train.py", program);
    lab.git("add -A");
    lab.git("commit -qm program");
  }
  outcome search(std::vector<std::string> more, const std::string& command = "python3 train.py") {
    std::vector<std::string> words{"run", "--repo", lab.repository.string(), "-t", "train.py"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--command", command});
    return lab.run(words);
  }
  void script(const std::vector<std::string>& texts) {
    std::string lines;
    for (const auto& text : texts) lines += json{{"content", text}}.dump() + "\n";
    write_text(lab.folder.path / "script.jsonl", lines);
  }
  std::string scripted() const {
    return json{{"name", "script"}, {"path", (lab.folder.path / "script.jsonl").string()}}.dump();
  }
};

const std::string plain_program = "rate = 1  # ratchet: range 1..100\nprint('score:', rate)\n";

}  // namespace

TEST_CASE("a search ends once its goal is reached") {
  ending e("rate = 1\nprint('score:', rate)\n");
  e.script({"rate = 3\nprint('score:', rate)\n", "rate = 9\nprint('score:', rate)\n",
            "rate = 10\nprint('score:', rate)\n"});
  auto done = e.search({"-n", "20", "--backend", e.scripted(), "--target-metric", "8"});
  CHECK(done.exit_code == 0);
  CHECK_MESSAGE(has(done.out, "the goal is reached: target: the best, 9, is as good as"), done.out);
  CHECK(has(done.out, "2 kept"));
}

TEST_CASE("a script at its end is an orderly end") {
  ending e("rate = 1\nprint('score:', rate)\n");
  e.script({"rate = 3\nprint('score:', rate)\n"});
  auto done = e.search({"-n", "20", "--backend", e.scripted()});
  CHECK(done.exit_code == 0);
  CHECK_MESSAGE(has(done.out, "script has no more edits"), done.out);
  CHECK(has(done.out, "1 kept, 0 reverted, 0 rejected, 0 failed"));
}

TEST_CASE("a target in which nothing can be searched is refused before anything runs") {
  struct {
    std::string text, says;
  } cases[]{{"import sys\nprint('score: ' + str(len('x')))\n", ""},
            {"rate = 3  # ratchet: rnage 1..9\nprint('score:', rate)\n", "range"}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    ending one(c.text);
    auto done = one.search({"-n", "20", "--backend", "mutate"});
    CHECK_MESSAGE(done.exit_code == 1, done.out << done.err);
    CHECK(has(done.err, c.says));
    CHECK(one.lab.run({"status", "--json"}).answer()["sessions"].empty());
  }
}

TEST_CASE("a model server that is not there and a program that is not there end at once") {
  ending e(plain_program);
  const json model{
      {"name", "llm"}, {"model", "m"}, {"base_url", "http://127.0.0.1:9/v1"}, {"retries", 0}};
  auto none = e.search({"-n", "20", "--backend", model.dump()});
  CHECK_MESSAGE(none.exit_code == 1, none.out << none.err);
  CHECK(has(none.out + none.err, "127.0.0.1"));
  for (bool shell : {true, false}) {
    ending other(plain_program);
    json command{{"name", "command"}, {"argv", json::array({"no-such-editor-1"})}};
    if (shell) command.update({{"argv", "no-such-editor-1"}, {"shell", true}});
    auto done = other.search({"-n", "20", "--backend", command.dump()});
    CHECK_MESSAGE(done.exit_code == 1, done.out << done.err);
    CHECK_MESSAGE(has(done.out + done.err, "no-such-editor-1"), done.out << done.err);
    CHECK_FALSE(has(done.out, "10 failed"));
  }
}

TEST_CASE("iterations given alone are paid for, and too few sparks are said at the start") {
  ending e("rate = 1  # ratchet: range 1..100000\nprint('score:', 1)\n");
  auto paid = e.search({"-n", "55", "--no-compare"});
  CHECK_MESSAGE(has(paid.out, "iteration 55/55"), paid.out);
  CHECK(has(paid.out, "iterations: all 55 have been used; raise max_iterations / -n"));
  CHECK_FALSE(has(paid.out, "pays for"));
  auto poor = e.search({"-n", "5", "--spark-budget", "8", "--no-compare"});
  CHECK(has(poor.out, "spark_budget 8 pays for 2 runs at 4 each, of 5 iterations"));
  CHECK(has(poor.out, "spark: 8 of 8 consumed, and the next run needs 4; raise spark_budget"));
}

TEST_CASE("a plateau ends a search") {
  ending e("rate = 1  # ratchet: range 1..100000\nprint('score:', 1)\n");
  auto done = e.search({"-n", "50", "--plateau", "3"});
  CHECK(done.exit_code == 0);
  CHECK_MESSAGE(has(done.out, "plateau: 3 candidates in a row were measured"), done.out);
}

TEST_CASE("a failed baseline says why on standard error, and announces no resume") {
  ending e(plain_program);
  auto done = e.search({}, "echo gone >&2; exit 3");
  CHECK(done.exit_code == 1);
  CHECK(has(done.err, "error: Baseline failed"));
  CHECK_FALSE(has(done.out, "error"));
  CHECK_FALSE(has(done.out + done.err, "--resume"));
  auto absent = e.lab.run({"run", "--resume", "0123456789ab"});
  CHECK(absent.exit_code == 1);
  CHECK_FALSE(has(absent.out + absent.err, "go on"));
}

TEST_CASE("what a failed setup_command printed can be looked at") {
  ending e(plain_program);
  auto done = e.search({"--setup-command", "echo first words; echo 'last words'; exit 4"});
  CHECK(done.exit_code == 1);
  auto id = e.lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  auto shown = e.lab.run({"show", id, "0"});
  CHECK_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK(has(shown.out, "first words"));
  CHECK(has(shown.out, "setup_command failed"));
  CHECK(has(e.lab.run({"status", id}).out, "setup_command failed"));
}

TEST_CASE("that nothing looks at the result is said at the start, a gain too good with the keep") {
  ending e("rate = 0.5\nprint('accuracy:', rate)\n");
  e.script({"rate = 1.5\nprint('accuracy:', rate)\n"});
  auto done = e.search({"-m", "accuracy", "--backend", e.scripted()});
  CHECK(has(done.out, "warning: no gate, no check, no guard"));
  CHECK_MESSAGE(has(done.out, "accuracy 1.5 is more than 1, which no share can be"), done.out);
  auto id = e.lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  CHECK(has(e.lab.run({"status", id}).out, "accuracy 1.5 is more than 1"));
  auto report = json::parse(read_text(e.lab.state / "reports" / (id.get<std::string>() + ".json")));
  CHECK(has(report["session"]["warnings"].dump(), "accuracy 1.5"));
  ending guarded("rate = 0.5\nprint('accuracy:', rate)\n");
  auto quiet = guarded.search({"-m", "accuracy", "-n", "1", "--gate", "tests=true"});
  CHECK_FALSE(has(quiet.out, "no gate, no check"));
}

TEST_CASE("an agent's finalize has the comparison, and the reason of a loss its numbers") {
  laboratory lab;
  const auto id = lab.start({{"wait_ms", 60000}});
  lab.edit_to(id, "score: 7\n");
  lab.ask("autoresearch_run", {{"session_id", id}});
  CHECK(lab.ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
  lab.edit_to(id, "score: 6\n");
  auto ran = lab.ask("autoresearch_run", {{"session_id", id}});
  CHECK_MESSAGE(has(ran.value("reason", ""), "7"), ran.dump());
  auto lost = lab.ask("autoresearch_decide", {{"session_id", id}});
  CHECK(lost["reason"] == ran["reason"]);
  auto end = lab.ask("autoresearch_finalize", {{"session_id", id}});
  CHECK(end["comparison"]["gain_percent"] == 40.0);
  CHECK(has(end["comparison"].value("summary", ""), "+40 %"));
  CHECK(has(read_text(lab.state / "reports" / id / "progress.svg"), "better by 40 % in pairs"));
  CHECK(has(read_text(lab.state / "reports" / id / "results.tsv"), "6 against"));
}

TEST_CASE("finalize leaves the comparison out when told so") {
  laboratory lab;
  const auto id = lab.start({{"wait_ms", 60000}});
  lab.edit_to(id, "score: 7\n");
  lab.ask("autoresearch_run", {{"session_id", id}});
  lab.ask("autoresearch_decide", {{"session_id", id}});
  CHECK_FALSE(lab.ask("autoresearch_finalize", {{"session_id", id}, {"compare", false}})
                  .contains("comparison"));
}

TEST_CASE("passengers leave as one last commit, unless that is not wanted") {
  const std::string base = "rate = 1\nbetas = (0.9, 0.99)\nwarmup = 10\nprint('score:', rate)\n";
  const std::string won = "rate = 5\nbetas = (0.682, 0.99)\nwarmup = 9\nprint('score:', rate)\n";
  for (bool wanted : {true, false}) {
    CAPTURE(wanted);
    ending e(base);
    e.script({won});
    auto done = e.search({"--backend", e.scripted(), wanted ? "--prune" : "--no-prune"});
    CHECK(done.exit_code == 0);
    auto id =
        e.lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"].get<std::string>();
    const auto branch = "ratchet/" + id;
    CHECK(e.lab.git("show " + branch + ":train.py") ==
          (wanted ? "rate = 5\nbetas = (0.9, 0.99)\nwarmup = 10\nprint('score:', rate)\n" : won));
    const auto log = e.lab.git("log --format=%s%n%b HEAD.." + branch);
    CHECK(has(log, "autoresearch prune: ") == wanted);
    CHECK(has(log, "0.682 -> 0.9 (train.py:2") == wanted);
    CHECK_MESSAGE(has(done.out, "pruned    taken back, as it brought nothing: ") == wanted,
                  done.out);
    CHECK(has(done.out, "best      score 5"));
  }
}

TEST_CASE("Ctrl-C ends with status 130, and what is announced is true") {
  ending e(plain_program);
  std::vector<std::string> words{"run",     "--repo",    e.lab.repository.string(),
                                 "-t",      "train.py",  "-n",
                                 "1000000", "--command", "python3 train.py"};
  process p(e.lab.command(words), e.lab.repository);
  for (double until = now_s() + 30; now_s() < until && !has(p.out_so_far(), "iteration 2/");)
    if (p.ends_within(20)) break;
  p.send(SIGINT);
  auto done = p.end();
  CHECK(done.exit_code == 130);
  CHECK(has(done.out, "after Ctrl-C, a kill or a power cut go on with: ratchet run --resume "));
  CHECK(has(done.out, " is left at iteration "));
  CHECK(has(done.out, "resume    ratchet run --resume "));
}
