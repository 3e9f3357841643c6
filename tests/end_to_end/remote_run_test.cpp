// SPDX-License-Identifier: MIT
//
// `ratchet --join FILE run`: a whole search at a node of another machine, whatever the connection
// and the node do meanwhile.
#include <csignal>

#include "tests/end_to_end/bad_link.hpp"
#include "tests/end_to_end/two_machines.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

std::vector<std::string> run_words(const two_machines& m, std::vector<std::string> more) {
  std::vector<std::string> words{"run", "--repo", m.lab.repository.string(), "--target", "p.txt"};
  words.insert(words.end(), more.begin(), more.end());
  return m.command(words);
}

/// The first candidate's run says that it began, and goes on only when the gate is opened.
struct gated_runs {
  explicit gated_runs(const two_machines& m) : top(m.lab.folder.path) {
    write_text(top / "armed", "");
  }
  std::string command() const {
    const auto at = [this](const char* name) { return "'" + (top / name).string() + "'"; };
    return "if [ -e " + at("twice") + " ] && rm " + at("armed") + " 2>/dev/null; then touch " +
           at("began") + "; while [ ! -e " + at("gate") + " ]; do sleep 0.01; done; fi; [ ! -e " +
           at("baseline") + " ] || touch " + at("twice") + "; touch " + at("baseline") +
           "; cat p.txt";
  }
  bool has_begun(process& p) const {
    for (double until = now_s() + 30; now_s() < until;) {
      if (fs::exists(top / "began")) return true;
      if (p.ends_within(5)) return fs::exists(top / "began");
    }
    return false;
  }
  void open() const { write_text(top / "gate", ""); }
  fs::path top;
};

json summary_in(const outcome& end) {
  const auto lines = json_lines_of(end.out);
  REQUIRE_FALSE(lines.empty());
  REQUIRE_MESSAGE(lines.back().contains("summary"), end.out << end.err);
  return lines.back()["summary"];
}

/// What the search printed are the node's events of that session, each once, and its summary.
void check_events(const two_machines& m, const outcome& end, const std::string& id) {
  const auto stored = json_lines_of(m.lab.run({"events", "--json", "--session", id}).out);
  const auto printed = json_lines_of(end.out);
  REQUIRE(printed.size() == stored.size() + 1);
  for (std::size_t i = 0; i < stored.size(); ++i) CHECK(printed[i] == stored[i]);
}

}  // namespace

TEST_CASE("a search at a node goes to its end as at home, and leaves nothing on this machine") {
  two_machines m;
  m.invite("laptop");
  const auto users = m.lab.users();
  // The settings of a ratchet.json where the command runs count; the repository is the node's.
  write_text(m.member.path / "ratchet.json", R"({"run_command": "cat p.txt"})");
  process p(run_words(m, {"-n", "3", "--seed", "3", "--pairs", "2", "--json"}), m.member.path);
  const auto end = p.end();
  CHECK(end.exit_code == 0);
  const json summary = summary_in(end);
  const std::string id = summary["session_id"];
  CHECK(summary["finished"] == true);
  CHECK(summary["iterations"]["kept"].get<int>() > 0);
  CHECK(summary["comparison"]["pairs"] == 2);
  check_events(m, end, id);
  const json report = m.lab.run({"report", id, "--json"}).answer();
  CHECK(report["results"].size() == 4);
  // What is shown and reported at the node can be read from here.
  CHECK(m.remote({"report", id, "--json"}).answer() == report);
  CHECK(m.remote({"show", id, "--json"}).answer()["iterations"].size() == 4);
  CHECK(m.remote({"show", id, "1"}).out.find("--- a/p.txt") != std::string::npos);
  CHECK(m.remote({"show", id}).out == m.lab.run({"show", id}).out);
  CHECK(m.remote({"show", id, "77"}).err.find("has no iteration 77") != std::string::npos);
  CHECK(differences(users, m.lab.users()) == "");
  CHECK_FALSE(fs::exists(m.member.path / "state"));

  const auto text = process(run_words(m, {"-n", "1", "--no-compare"}), m.member.path).end();
  CHECK(text.exit_code == 0);
  CHECK(text.out.find("run --resume") != std::string::npos);
  CHECK(text.out.find("--join " + m.file().string()) != std::string::npos);
  CHECK(text.out.find("(at the node)") != std::string::npos);
}

TEST_CASE("Ctrl-C with --finish ends a search at a node: candidate reverted, report there") {
  two_machines m;
  m.invite("laptop");
  gated_runs runs(m);
  process p(run_words(m, {"-c", "exec 8>'" + m.lab.fifo().string() + "'; " + runs.command(), "-n",
                          "5", "--finish", "--json"}),
            m.member.path);
  REQUIRE(runs.has_begun(p));
  p.send(SIGINT);
  const auto end = p.end();
  CHECK(end.exit_code == 130);
  CHECK(m.lab.fifo_is_free());
  const json summary = summary_in(end);
  CHECK(summary["ended_by"] == "it was interrupted");
  const std::string id = summary["session_id"];
  check_events(m, end, id);
  const json report = m.lab.run({"report", id, "--json"}).answer();
  CHECK(report["session"]["status"] == "completed");
  CHECK(report["results"].back()["decision"] == "reverted");
}

TEST_CASE("a search goes on when its node was killed and started again, and loses no iteration") {
  two_machines m;
  m.invite("laptop");
  gated_runs runs(m);
  process p(
      run_words(m, {"-c", runs.command(), "-n", "4", "--seed", "3", "--pairs", "2", "--json"}),
      m.member.path);
  REQUIRE(runs.has_begun(p));
  m.node->send(SIGKILL);
  m.node->end();
  m.start(m.listens);
  const auto end = p.end();
  CHECK_MESSAGE(end.exit_code == 0, end.out << end.err);
  const json summary = summary_in(end);
  CHECK(summary["finished"] == true);
  const std::string id = summary["session_id"];
  check_events(m, end, id);
  const json report = m.lab.run({"report", id, "--json"}).answer();
  CHECK(report["results"].size() == 5);
  CHECK(report["session"]["spark_consumed"] == 16);
  const json counts = summary["iterations"];
  CHECK(counts["kept"].get<int>() + counts["reverted"].get<int>() == 4);
}

TEST_CASE("a run that goes on while the connection is broken counts, and the search says so") {
  two_machines m;
  bad_link link(static_cast<std::uint16_t>(std::stoi(m.listens.substr(m.listens.find(':') + 1))));
  m.invite("laptop", "127.0.0.1:" + std::to_string(link.port()));
  gated_runs runs(m);
  process p(run_words(m, {"-c", runs.command(), "-n", "2", "--seed", "3", "--no-compare"}),
            m.member.path);
  REQUIRE(runs.has_begun(p));
  link.cut();
  runs.open();
  const auto end = p.end();
  CHECK_MESSAGE(end.exit_code == 0, end.out << end.err);
  CHECK(end.out.find("is reached again") != std::string::npos);
  for (const std::string n : {"1", "2"}) {
    const auto line = end.out.find("iteration " + n + "/2 ");
    REQUIRE(line != std::string::npos);
    CHECK(end.out.substr(line, end.out.find('\n', line) - line).find("score=") !=
          std::string::npos);
  }
  const auto sessions = m.lab.run({"status", "--json"}).answer()["sessions"];
  REQUIRE(sessions.size() == 1);
  CHECK(sessions[0]["spark_consumed"] == 8);
  CHECK(sessions[0]["status"] == "completed");
}

TEST_CASE("Ctrl-C while the node is away ends the search, and says how to go on with it") {
  two_machines m;
  m.invite("laptop");
  gated_runs runs(m);
  process p(run_words(m, {"-c", runs.command(), "-n", "2", "--seed", "3", "--no-compare"}),
            m.member.path);
  REQUIRE(runs.has_begun(p));
  m.node->send(SIGKILL);
  m.node->end();
  while (p.out_so_far().find("note: the connection") == std::string::npos)
    REQUIRE_FALSE(p.ends_within(10));
  p.send(SIGINT);
  REQUIRE(p.ends_within(10'000));
  const auto end = p.end();
  CHECK(end.exit_code == 130);
  CHECK(end.err.find("error: it was interrupted while the node was away") != std::string::npos);
  const auto resume = end.err.find("resume    ratchet --join " + m.file().string());
  CHECK(resume != std::string::npos);
  m.start(m.listens);
  const std::string id = m.lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  CHECK(m.remote({"run", "--resume", id, "--no-compare"}).exit_code == 0);
}

TEST_CASE("a search at a node can be left and gone on with, and refusals say what to do") {
  two_machines m;
  m.invite("laptop");
  gated_runs runs(m);
  process p(run_words(m, {"-c", runs.command(), "-n", "2", "--seed", "3", "--no-compare"}),
            m.member.path);
  REQUIRE(runs.has_begun(p));
  // Both are there when it looks: the second one ends it before the first one's end is in order.
  for (int signal : {SIGSTOP, SIGINT, SIGTERM, SIGCONT}) p.send(signal);
  CHECK(p.end().exit_code == 130);
  runs.open();  // the step goes on at the node
  const auto sessions = m.lab.run({"status", "--json"}).answer()["sessions"];
  REQUIRE(sessions.size() == 1);
  const std::string id = sessions[0]["session_id"];
  const auto end = m.remote({"run", "--resume", id, "--no-compare", "--json"});
  CHECK_MESSAGE(end.exit_code == 0, end.out << end.err);
  CHECK(summary_in(end)["finished"] == true);
  CHECK(m.lab.run({"report", id, "--json"}).answer()["results"].size() == 3);

  auto says = [&](const std::vector<std::string>& words, int status, const std::string& text) {
    const auto o = m.remote(words);
    CHECK(o.exit_code == status);
    CHECK_MESSAGE((o.out + o.err).find(text) != std::string::npos, o.out << o.err);
  };
  says({"run", "-t", "p.txt", "-c", "cat p.txt"}, 2, "--repo is a path there");
  says({"run", "--repo", "lab", "-t", "p.txt", "-c", "cat p.txt"}, 2, "begins with /");
  says({"run", "--repo", "/nowhere", "-t", "p.txt", "-c", "cat p.txt"}, 1, "/nowhere");
  says({"run", "--repo", "/nowhere", "--slots", "2"}, 2, "ratchet node");
  m.node->send(SIGTERM);
  CHECK(m.node->end().exit_code == 0);
  says({"run", "--repo", "/nowhere", "-t", "p.txt", "-c", "true"}, 1, "is `ratchet node` running");
}
