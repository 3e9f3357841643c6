// SPDX-License-Identifier: MIT
//
// A crowd of workers under everything that happens to one, all at once and at random: joins,
// drains, kills, stalls, cut lines, a node that is killed, a full disk, a clock that is wrong,
// workers that lie, flood, say nothing or are of another version. Searches go on meanwhile, and
// afterwards the books have to be exact.
//
// Some seconds by default; by hand: RATCHET_NEMESIS_MINUTES=10 test_end_to_end -tc='*nemesis*'.
// RATCHET_NEMESIS_SEED=N is another order of faults than the usual one; "time": a new one each
// time.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <random>

#include "tests/end_to_end/cluster.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

constexpr double usual_seconds = 25;

struct nemesis {
  cluster c{{.links = true, .lease_s = 3, .place = {}}};
  std::mt19937 random;
  std::vector<std::string> honest{"h0", "h1", "h2", "h3"};
  std::vector<std::unique_ptr<process>> bad;
  std::map<std::string, double> stopped;  ///< until when
  int faults = 0, joined = 0;

  explicit nemesis(unsigned seed) : random(seed) {
    for (const auto& name : honest) c.add(name, {"--slots", "2"});
    // Its disk is full before a work tree is cut.
    const auto small = c.others.path / "small";
    fs::create_directory(small);
    if (std::system(
            ("mount -t tmpfs -o size=300k none '" + small.string() + "' 2>/dev/null").c_str()) ==
        0) {
      disk = small;
      REQUIRE(c.lab
                  .run({"node", "invite", "small", "--output",
                        (c.others.path / "small.invite").string()})
                  .exit_code == 0);
      bad.push_back(std::make_unique<process>(
          std::vector<std::string>{c.lab.program, "--join",
                                   (c.others.path / "small.invite").string(), "--state-dir",
                                   small.string(), "worker", "--slots", "2", "--name", "small"},
          c.others.path));
    }
  }
  ~nemesis() {
    bad.clear();
    if (!disk.empty())
      static_cast<void>(std::system(("umount -l '" + disk.string() + "'").c_str()));
  }

  std::unique_ptr<process> search() const {
    return std::make_unique<process>(
        std::vector<std::string>{c.lab.program,
                                 "--join",
                                 (c.others.path / "me.invite").string(),
                                 "run",
                                 "--repo",
                                 c.lab.repository.string(),
                                 "--target",
                                 "p.txt",
                                 "--parallel",
                                 "6",
                                 "--iterations",
                                 "24",
                                 "--backend",
                                 "mutate",
                                 "--time-budget",
                                 "20s",
                                 "--sandbox",
                                 "none",
                                 "--no-compare",
                                 "--json",
                                 "--",
                                 "sh",
                                 "-c",
                                 "sleep 0.2; sed 's/.*score/score/; s/#.*//' p.txt"},
        c.others.path);
  }

  const std::string& somebody() {
    return honest[std::uniform_int_distribution<std::size_t>(0, honest.size() - 1)(random)];
  }
  void wake(bool all) {
    for (auto it = stopped.begin(); it != stopped.end();) {
      if (!all && now_s() < it->second) {
        ++it;
        continue;
      }
      c.at(it->first).program->send(SIGCONT);
      it = stopped.erase(it);
    }
  }
  void restart(const std::string& name) {
    stopped.erase(name);
    c.kill(name);
    c.start(name);
  }
  void add_bad() {
    static const std::vector<std::string> ways{"nan",    "boast",  "flood",
                                               "silent", "broken", "other"};
    const auto& how = ways[static_cast<std::size_t>(faults) % ways.size()];
    bad.push_back(std::make_unique<process>(
        std::vector<std::string>{RATCHET_BIN_DIR "/bad_worker",
                                 (c.others.path / "me.invite").string(), how},
        c.others.path));
  }
  void strike() {
    ++faults;
    wake(false);
    switch (std::uniform_int_distribution<int>(0, 6)(random)) {
      case 0:
        return restart(somebody());
      case 1: {  // a machine that stands still, for less or more than a lease
        const auto& name = somebody();
        if (stopped.contains(name)) return;
        c.at(name).program->send(SIGSTOP);
        stopped[name] = now_s() + std::uniform_real_distribution<double>(0.5, 4)(random);
        return;
      }
      case 2:
        return c.at(somebody()).link->cut();
      case 3: {  // a scheduler ends it, and starts it again elsewhere
        const auto& name = somebody();
        if (stopped.contains(name)) return;
        c.at(name).program->send(SIGTERM);
        CHECK(c.at(name).program->end().exit_code == 0);
        return c.start(name);
      }
      case 4:
        c.kill_node();
        return c.start_node();
      case 5:
        if (bad.size() > 4) bad.erase(bad.begin() + (disk.empty() ? 0 : 1));
        return add_bad();
      default: {
        honest.push_back("j" + std::to_string(++joined));
        c.add(honest.back(), {"--slots", "1"});
      }
    }
  }

  fs::path disk;  ///< of the worker whose disk is full; empty: none could be made
};

double seconds_to_run() {
  const char* minutes = std::getenv("RATCHET_NEMESIS_MINUTES");
  return minutes ? 60 * std::atof(minutes) : usual_seconds;
}

}  // namespace

TEST_CASE(
    "nemesis: whatever happens to workers and node, searches end well and count each run once") {
  const char* given = std::getenv("RATCHET_NEMESIS_SEED");
  const bool any = given && given == std::string("time");
  const auto seed = static_cast<unsigned>(any ? std::time(nullptr) : given ? std::atoi(given) : 7);
  MESSAGE("RATCHET_NEMESIS_SEED=" << seed);
  nemesis n(seed);
  const double until = now_s() + seconds_to_run();
  int searches = 0;
  while (now_s() < until) {
    auto search = n.search();
    ++searches;
    while (!search->ends_within(800)) {
      if (now_s() < until) {
        n.strike();
        continue;
      }
      // What a worker that says nothing holds is given to others, but that may take its time.
      n.bad.clear();
      n.wake(true);
    }
    const auto end = search->end();
    const auto said = end.out.size() < 2'000 ? end.out : end.out.substr(end.out.size() - 2'000);
    REQUIRE_MESSAGE(end.exit_code == 0, (said + end.err));
  }
  n.wake(true);
  if (n.disk.empty()) MESSAGE("no disk was full: this user may not mount one");
  MESSAGE(searches << " searches, " << n.faults << " faults, " << n.honest.size() << " workers");
  CHECK(n.faults > 5);

  const json sessions = n.c.lab.run({"status", "--json"}).answer()["sessions"];
  int completed = 0;
  for (const auto& session : sessions) {
    const std::string id = session["session_id"];
    // A setup that the node's end cut off is dropped, and its search makes another.
    if (session["status"] == "failed" && session["iteration"] == 0) continue;
    ++completed;
    CHECK_MESSAGE(session["status"] == "completed", session.dump());
    CHECK(session["iteration"] == 24);
    std::vector<std::pair<std::string, double>> kept;  // when, and what
    for (int i = 1; i <= 24; ++i) {
      const json shown = n.c.lab.run({"show", id, std::to_string(i), "--json"}).answer();
      const json& result = shown["result"];
      CHECK_MESSAGE(result["metric_value"].is_number(), shown.dump());
      // A metric is that of its candidate, and of nobody's invention.
      const std::string diff = shown["candidate"]["diff"];
      const auto line = diff.find("\n+score: ");
      REQUIRE_MESSAGE(line != diff.npos, diff);
      CHECK_MESSAGE(result["metric_value"] == std::atof(diff.c_str() + line + 9), shown.dump());
      if (shown["decision"] == "kept") kept.emplace_back(shown["time"], result["metric_value"]);
    }
    std::sort(kept.begin(), kept.end());
    double best = 500'000;
    for (const auto& [when, value] : kept) {
      CHECK_MESSAGE(value > best, id << " at " << when);
      best = value;
    }
    CHECK(session["best_metric"] == best);
    if (!kept.empty())
      CHECK(n.c.lab.git("show ratchet/" + id + ":p.txt")
                .find(std::to_string(static_cast<long>(best))) != std::string::npos);
  }
  CHECK(completed == searches);
  // Events have numbers without a gap.
  const auto seqs = n.c.lab.rows("events");
  CHECK(n.c.lab.rows("events WHERE seq <= " + std::to_string(seqs)) == seqs);

  // A worker that is heard again asks what is over, and keeps nothing.
  for (const auto& name : n.honest) n.c.at(name).link->cut();
  auto left = [&] {
    std::string folders;
    for (const auto& name : n.honest)
      for (const auto& entry :
           fs::directory_iterator(n.c.others.path / name / "worker" / "sessions"))
        if (entry.is_directory()) folders += entry.path().string() + "\n";
    return folders;
  };
  for (double end = now_s() + 60; !left().empty() && now_s() < end;) n.c.workers();
  CHECK(left() == "");
}
