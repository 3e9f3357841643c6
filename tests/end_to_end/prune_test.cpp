// SPDX-License-Identifier: MIT
//
// Passengers leave the winner at the end, also where the metric is noisy, at a worker, and when the
// process is killed in the middle of it.
#include <csignal>

#include "tests/end_to_end/cluster.hpp"
#include "tests/support/long_tests.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

/// The score is ten times the rate, and what `noise` adds; nothing else in it matters.
std::string program(const std::string& rate, const std::string& beta, const std::string& warmup) {
  return "rate = " + rate + "\nbetas = (" + beta + ", 0.99)\nwarmup = " + warmup + "\n";
}

const std::string base = program("1", "0.9", "10"), won = program("5", "0.682", "9"),
                  pruned = program("5", "0.9", "10");

/// Prints the score, if need be with noise: run after run the next of a list, whose values differ
/// by a tenth of what the rate brings. Once a version is measured that only a prune makes, there is
/// the file `pruning`.
std::string command(const fs::path& folder, bool noisy) {
  const auto at = [&](const char* name) { return "'" + (folder / name).string() + "'"; };
  std::string text =
      "grep -q 'rate = 5' train.py && grep -qE 'warmup = 10|0.9,' train.py && touch " +
      at("pruning") + "; noise=0; ";
  if (noisy)
    text += "n=$(cat " + at("count") + " 2>/dev/null || echo 0); echo $((n+1)) > " + at("count") +
            "; set -- 0 2 -1 1 -2 0 1 -1 2 1 -2 0 -1; shift $((n % 13)); noise=$1; ";
  else
    text += "sleep 0.02; ";
  return text + "r=$(sed -n 's/rate = //p' train.py); echo \"score: $((100 + 10 * r + noise))\"";
}

struct pruned_project {
  explicit pruned_project(laboratory& where) : lab(where) {
    write_text(lab.repository / "train.py", base);
    lab.git("add -A");
    lab.git("-c user.name=a -c user.email=a@example.org commit -qm program");
    write_text(lab.folder.path / "script.jsonl", json{{"content", won}}.dump() + "\n");
  }
  std::vector<std::string> words(bool noisy) const {
    const json backend{{"name", "script"}, {"path", (lab.folder.path / "script.jsonl").string()}};
    return {"run",
            "--repo",
            lab.repository.string(),
            "-t",
            "train.py",
            "--backend",
            backend.dump(),
            "--no-compare",
            "--command",
            command(lab.folder.path, noisy)};
  }
  std::string id() const {
    return lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  }
  std::string best() const { return lab.git("show ratchet/" + id() + ":train.py"); }
  laboratory& lab;
};

}  // namespace

TEST_CASE("of a noisy metric the passengers leave, and the gain stays") {
  laboratory lab;
  pruned_project p(lab);
  const auto done = lab.run(p.words(true));
  CAPTURE(done.out);
  CHECK(done.exit_code == 0);
  CHECK(p.best() == pruned);
  CHECK(done.out.find("pruned    taken back, as it brought nothing: ") != std::string::npos);
  const json report = lab.run({"report", p.id(), "--json"}).answer();
  CHECK(report["session"]["total_improvements"] == 1);
  CHECK(report["results"].size() == 3);
  // The median of the pairs, not a lucky run of the last commit.
  CHECK(report["session"]["best_metric"].get<double>() == doctest::Approx(150).epsilon(0.015));
}

TEST_CASE("a prune that is killed in the middle leaves the winner pruned, or as it was") {
  const int kills = long_tests() ? 20 : 3;
  for (int kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    laboratory lab;
    pruned_project p(lab);
    const fs::path mark = lab.folder.path / "pruning";
    process search(lab.command(p.words(false)), lab.repository);
    for (double until = now_s() + 60; !fs::exists(mark) && now_s() < until;)
      if (search.ends_within(2)) break;
    // Some eight runs are left, of 30 ms each, and a commit.
    search.ends_within(kill * 400.0 / kills);
    search.send(SIGKILL);
    search.end();
    CHECK(search.all_gone());
    const std::string id = p.id();
    const bool resumed = kill % 2 == 1;
    if (lab.status(id)["status"] != "completed") {
      if (resumed)
        CHECK(lab.run({"run", "--resume", id, "--no-compare"}).exit_code == 0);
      else
        lab.ask("autoresearch_finalize", {{"session_id", id}, {"compare", false}});
    }
    const std::string best = p.best();
    CHECK_MESSAGE((best == pruned || best == won), best);
    const bool left = best == pruned;
    if (resumed) CHECK(left);
    const json report = lab.run({"report", id, "--json"}).answer();
    CHECK(report["session"].value("pruned", "").empty() != left);
    CHECK(report["session"]["total_improvements"] == 1);
    CHECK(lab.git("rev-list --count main..ratchet/" + id) == (left ? "2\n" : "1\n"));
    int rows = 0;
    for (const auto& row : report["results"])
      rows += row["iteration"] > 1 && row["decision"] == "kept" ? 1 : 0;
    CHECK(rows == (left ? 1 : 0));
    CHECK_FALSE(fs::exists(lab.state / "sessions" / id));
  }
}

TEST_CASE("a winner is pruned at a worker as it is at home") {
  cluster c;
  c.add("w1", {"--slots", "1"});
  pruned_project p(c.lab);
  auto words = p.words(false);
  words.insert(words.begin(), {c.lab.program, "--join", (c.others.path / "me.invite").string()});
  const auto done = process(words, c.others.path).end();
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 0);
  CHECK(p.best() == pruned);
}
