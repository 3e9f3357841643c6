// SPDX-License-Identifier: MIT
//
// One node and four workers, as people run them; and what becomes of a search when any of them is
// killed, when links are slow, lossy, cut or partitioned. No run may be lost, none counted twice.
#include <algorithm>
#include <csignal>
#include <random>
#include <set>

#include "tests/end_to_end/cluster.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

constexpr const char* score = "sed 's/.*score/score/; s/#.*//' p.txt";

void one_round(const cluster& c, const std::string& id) {
  REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
  c.ask("autoresearch_run", {{"session_id", id}});
  c.ask("autoresearch_decide", {{"session_id", id}});
}

}  // namespace

TEST_CASE("four workers share the candidates of a search, and the node keeps the books") {
  cluster c;
  for (const char* name : {"w1", "w2", "w3", "w4"}) c.add(name);
  const auto id = c.start_search(8, std::string("sleep 0.2; ") + score);
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    c.ask("autoresearch_edit", {{"session_id", id}});
    const json ran = c.ask("autoresearch_run", {{"session_id", id}});
    for (const auto& v : ran["variants"]) seen.insert(v["worker"].get<std::string>());
    c.ask("autoresearch_decide", {{"session_id", id}});
  }
  CHECK(seen == std::set<std::string>{"w1", "w2", "w3", "w4"});
  c.check_counted_once(id);
  CHECK(c.ask("autoresearch_finalize", {{"session_id", id}})["status"] == "completed");
  // Their work trees go with the session.
  auto left = [&] {
    std::size_t trees = 0;
    for (const char* name : {"w1", "w2", "w3", "w4"})
      for (const auto& e : fs::directory_iterator(c.others.path / name / "worker" / "sessions"))
        trees += e.is_directory() ? 1 : 0;
    return trees;
  };
  for (double until = now_s() + 20; now_s() < until && left() > 0;) c.workers();
  CHECK(left() == 0);
}

TEST_CASE("twelve workers that join one after another while runs wait take them, and live") {
  cluster c({.links = false, .place = {}});
  c.add("w0", {"--slots", "1"});
  const auto id = c.start_search(40, std::string("sleep 0.5; ") + score);
  REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  for (int i = 1; i <= 12; ++i) c.add("w" + std::to_string(i), {"--slots", "1"});
  const auto ended = run->end();
  CHECK_MESSAGE(ended.answer()["variants"].size() == 40, ended.out);
  for (int i = 0; i <= 12; ++i) CHECK(!c.at("w" + std::to_string(i)).program->ends_within(0));
  c.ask("autoresearch_decide", {{"session_id", id}});
  c.check_counted_once(id);
}

TEST_CASE("SIGTERM to all processes of a worker at once costs a run, and no candidate") {
  cluster c({.links = false, .place = {}});
  for (const char* name : {"stays", "ends"}) c.add(name, {"--slots", "1"});
  const auto mark = c.others.path / "at-work";
  const auto id = c.start_search(4, "pwd >>'" + mark.string() + "'; sleep 1; " + score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  fs::remove(mark);  // the baseline's
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  while (read_text(mark).find("/ends/") == std::string::npos) REQUIRE_FALSE(run->ends_within(5));
  c.at("ends").program->send_to_all(SIGTERM);
  const json answer = run->end().answer();
  REQUIRE(answer["variants"].size() == 4);
  for (const auto& v : answer["variants"]) CHECK_MESSAGE(v["metric_value"].is_number(), v.dump());
  CHECK(c.at("ends").program->end().exit_code == 0);
  c.ask("autoresearch_decide", {{"session_id", id}});
  c.check_counted_once(id);
}

TEST_CASE("a worker that may not wait for its run ends in time, and another makes it") {
  cluster c({.links = false, .place = {}});
  c.add("ends", {"--slots", "1", "--drain-within", "0.5"});
  // A run takes a minute while this file is there; it is made after the baseline.
  const auto slow = c.others.path / "slow", mark = c.others.path / "at-work";
  const auto id = c.start_search(1, "[ ! -e '" + slow.string() + "' ] || { touch '" +
                                        mark.string() + "'; sleep 60; }; " + score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  write_text(slow, "");
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  while (!fs::exists(mark)) REQUIRE_FALSE(run->ends_within(5));
  fs::remove(slow);
  auto& ends = c.at("ends");
  ends.program->send(SIGTERM);
  const auto ended = ends.program->end();
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("not drained within 0.5 s") != std::string::npos);
  CHECK(ends.program->all_gone());
  c.add("other", {"--slots", "1"});
  CHECK(run->end().answer()["metric_value"].is_number());
}

TEST_CASE("workers that are killed in the middle of runs cost time, and nothing else") {
  cluster c;
  const std::vector<std::string> names{"w1", "w2", "w3", "w4"};
  for (const auto& name : names) c.add(name);
  const auto id = c.start_search(6, std::string("sleep 0.3; ") + score);
  std::mt19937 random(4);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
    auto run = c.begin("autoresearch_run", {{"session_id", id}});
    const auto& victim = names[random() % names.size()];
    run->ends_within(100 + random() % 250);
    c.kill(victim);
    const auto ended = run->end();
    CHECK_MESSAGE(ended.answer()["variants"].size() == 6, ended.out);
    c.ask("autoresearch_decide", {{"session_id", id}});
    c.start(victim);
  }
  c.check_counted_once(id);
}

TEST_CASE(
    "a node that is killed in the middle of a round is joined again, and the round run again") {
  cluster c;
  c.add("w1");
  c.add("w2");
  const auto id = c.start_search(4, std::string("sleep 0.3; ") + score);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
    auto run = c.begin("autoresearch_run", {{"session_id", id}});
    run->ends_within(150);
    c.kill_node();
    CHECK(run->end().answer()["code"] == "worker_lost");
    c.start_node();
    c.await_workers(2);
    // Perhaps the run was answered before: then the step that follows is the next one.
    const auto again = c.call("autoresearch_run", {{"session_id", id}});
    CHECK((!again.contains("code") || again["code"] == "wrong_step"));
    c.ask("autoresearch_decide", {{"session_id", id}});
  }
  CHECK(c.lab.rows("results") == 1 + 3 * 4);
  const json status = c.lab.status(id);
  CHECK(status["spark_consumed"] == 4 * 12);
}

TEST_CASE("200 ms of latency and 5 % of loss make a search slow, and change nothing else") {
  cluster c;
  for (const char* name : {"w1", "w2"}) c.add(name).link->set(100, 5);
  const auto id = c.start_search(4, score);
  for (int i = 0; i < 3; ++i) one_round(c, id);
  c.check_counted_once(id);
}

TEST_CASE("a partition costs the time of a lease; healed, the worker joins again") {
  cluster c(cluster_options{.lease_s = 2, .place = {}});
  c.add("w1", {"--slots", "1"});
  c.add("w2", {"--slots", "1"});
  const auto id = c.start_search(2, std::string("sleep 1; ") + score);
  REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  run->ends_within(500);
  c.at("w1").link->freeze(true);
  const auto began = now_s();
  const auto ended = run->end();
  CHECK(now_s() - began < 25);
  const json ran = ended.answer();
  for (const auto& v : ran["variants"]) CHECK(v["worker"] == "w2");
  c.await_workers(1);
  c.at("w1").link->freeze(false);
  c.await_workers(2);
  c.ask("autoresearch_decide", {{"session_id", id}});
  one_round(c, id);
  c.check_counted_once(id);
}

TEST_CASE("connections that are reset again and again lose no run") {
  cluster c;
  c.add("w1");
  c.add("w2");
  const auto id = c.start_search(4, std::string("sleep 0.2; ") + score);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
    auto run = c.begin("autoresearch_run", {{"session_id", id}});
    run->ends_within(150);
    c.at(i % 2 ? "w1" : "w2").link->cut();
    CHECK(run->end().answer()["variants"].size() == 4);
    c.ask("autoresearch_decide", {{"session_id", id}});
  }
  c.check_counted_once(id);
}

TEST_CASE("a worker that is asked to end finishes what it has, and takes nothing more") {
  cluster c;
  c.add("w1", {"--slots", "1"});
  const auto mark = (c.others.path / "at-work").string();
  const auto id = c.start_search(1, "touch '" + mark + "'; sleep 1; " + score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  fs::remove(mark);  // the baseline's
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  while (!fs::exists(mark)) REQUIRE_FALSE(run->ends_within(5));
  auto& w1 = c.at("w1");
  w1.program->send(SIGTERM);
  CHECK(run->end().answer()["metric_value"].is_number());
  const auto ended = w1.program->end();
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("drained") != std::string::npos);
  CHECK(w1.program->all_gone());
  c.await_workers(0);
}

TEST_CASE("a session goes only to machines that meet its requirements") {
  cluster c;
  c.add("plain");
  const json none = c.call("start_autoresearch",
                           c.lab.setup_arguments({{"requirements", {"gpu"}}, {"sandbox", "none"}}));
  CHECK(none["code"] == "invalid_argument");
  CHECK(none["error"].get<std::string>().find("gpu") != std::string::npos);
  c.add("fast", {"--slots", "1", "--label", "gpu=a100"});
  const auto id = c.start_search(3, score, {{"requirements", {"gpu"}}});
  c.ask("autoresearch_edit", {{"session_id", id}});
  const json ran = c.ask("autoresearch_run", {{"session_id", id}});
  for (const auto& v : ran["variants"]) CHECK(v["worker"] == "fast");
}

TEST_CASE("a setup command runs once in each work tree of a worker, and candidates find its work") {
  cluster c;
  c.add("w1", {"--slots", "2"});
  const auto id = c.start_search(
      2, std::string("test -f built && ") + score,
      {{"setup_command", "touch built; echo x >> '" + (c.others.path / "setups").string() + "'"}});
  for (int i = 0; i < 3; ++i) one_round(c, id);
  c.check_counted_once(id);
  const auto setups = read_text(c.others.path / "setups");
  CHECK(std::count(setups.begin(), setups.end(), 'x') <= 3);  // one lane a slot, one to spare
}

TEST_CASE("what better machines measure is compared with the incumbent there, and confirmed here") {
  cluster c(1);
  c.add("big", {"--slots", "2", "--label", "big"});
  // The same code scores a million more on a machine where the file that says so is.
  const auto mark = (c.others.path / "big" / "worker").string();
  const auto id =
      c.start_search(3, "sleep 0.3; n=$(sed 's/[^0-9]//g; s/11000000$//' p.txt); case $PWD in " +
                            mark + "*) n=$((n+1000000)) ;; esac; echo \"score: $n\"");
  for (int i = 0; i < 3; ++i) one_round(c, id);
  const json status = c.lab.status(id);
  CHECK(status["best_metric"] <= 1'000'000);
  bool elsewhere = false;
  for (int i = 1; i <= 9; ++i) {
    const auto shown = c.lab.run({"show", id, std::to_string(i), "--json"}).answer();
    if (shown["result"].is_null()) continue;
    if (shown["result"].value("worker", "") == "big") {
      elsewhere = true;
      CHECK(shown["result"]["environment"]["labels"] == json{{"big", ""}});
    }
    if (shown["decision"] == "kept") CHECK(shown["result"]["metric_value"] <= 1'000'000);
  }
  CHECK(elsewhere);
}

TEST_CASE("of eight workers two are killed while they run candidates, and each counts once") {
  cluster c(cluster_options{.links = false, .place = {}});
  for (int i = 1; i <= 8; ++i) c.add("w" + std::to_string(i), {"--slots", "1"});
  const auto mark = (c.others.path / "at-work-").string();
  // What w3 and w6 are given first ends with them alone: the round cannot end before. (The baseline
  // goes to the first that has joined.)
  const auto id = c.start_search(8, "for w in w3 w6; do case $PWD in */$w/worker/*) test -e '" +
                                        mark + "'$w || { touch '" + mark +
                                        "'$w; sleep 100; } ;; esac; done; sleep 0.1; " + score);
  std::set<std::string> seen;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
    auto run = c.begin("autoresearch_run", {{"session_id", id}});
    if (i == 0)
      for (const char* victim : {"w3", "w6"}) {
        while (!fs::exists(mark + victim)) REQUIRE_FALSE(run->ends_within(5));
        c.kill(victim);
      }
    const json ran = run->end().answer();
    CHECK_MESSAGE(ran["variants"].size() == 8, ran.dump());
    for (const auto& v : ran["variants"]) seen.insert(v["worker"].get<std::string>());
    c.ask("autoresearch_decide", {{"session_id", id}});
  }
  CHECK(c.workers().size() == 6);
  CHECK(seen == std::set<std::string>{"w1", "w2", "w4", "w5", "w7", "w8"});
  c.check_counted_once(id);
}

TEST_CASE("the workers of a class measure an incumbent once between them, also one just kept") {
  cluster c(1);
  for (const char* name : {"b1", "b2"}) c.add(name, {"--slots", "1", "--label", "big"});
  c.add("s1", {"--slots", "1", "--label", "small"});
  const auto log = (c.others.path / "measured-").string(), rising = log + "rising";
  // The node is slow, so that the others are given most. All code is alike until `rising` is there.
  const auto id = c.start_search(
      5,
      "w=; for n in b1 b2 s1; do case $PWD in */$n/worker/*) w=$n ;; esac; done; if test $w; then "
      "cat p.txt >> '" +
          log + "'$w; else sleep 0.4; fi; if test -e '" + rising + "'; then " + score +
          "; else echo 'score: 1'; fi");
  // How often that code was measured on machines of these names.
  auto times = [&](const std::string& code, const std::vector<std::string>& names) {
    int count = 0;
    for (const auto& name : names)
      for (auto all = read_text(log + name); all.find(code) != all.npos; ++count)
        all.erase(0, all.find(code) + code.size());
    return count;
  };
  const std::vector<std::string> big{"b1", "b2"}, small{"s1"}, members{"b1", "b2", "s1"};
  const auto base = read_text(c.lab.repository / "p.txt");
  std::set<std::string> seen;
  auto round = [&] {
    c.ask("autoresearch_edit", {{"session_id", id}});
    const json ran = c.ask("autoresearch_run", {{"session_id", id}});
    for (const auto& v : ran["variants"])
      if (v.contains("worker")) seen.insert(v["worker"].get<std::string>());  // else the node
    return c.ask("autoresearch_decide", {{"session_id", id}});
  };
  CHECK(round()["decision"] == "reverted");
  CHECK(times(base, big) == 1);
  CHECK(times(base, small) == 1);
  write_text(rising, "");
  REQUIRE(round()["decision"] == "kept");
  CHECK(times(base, big) == 1);
  CHECK(times(base, small) == 1);
  fs::remove(rising);
  const auto kept = c.lab.git("show ratchet/" + id + ":p.txt");
  const int big_before = times(kept, big), small_before = times(kept, small);
  CHECK(big_before + small_before <= 1);  // as a candidate
  for (int i = 0; i < 2; ++i) CHECK(round()["decision"] == "reverted");
  CHECK(times(kept, big) == big_before + 1);
  CHECK(times(kept, small) == small_before + 1);
  // Two of them are one class.
  CHECK(std::includes(seen.begin(), seen.end(), members.begin(), members.end()));
}
