// SPDX-License-Identifier: MIT
//
// A pool of machines that come and go: what whoever starts them has to know and to say.
#include <csignal>
#include <ctime>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/end_to_end/cluster.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

constexpr const char* print_score = "sed 's/#.*//' p.txt";

/// A worker as a scheduler starts it: by a shell, with this environment.
std::unique_ptr<process> worker_of(const cluster& c, const std::string& flags,
                                   const std::vector<std::string>& environment = {}) {
  const auto file = (c.others.path / "pool.invite").string();
  if (!fs::exists(file))
    REQUIRE(c.lab.run({"node", "invite", "pool", "--output", file}).exit_code == 0);
  return std::make_unique<process>(
      std::vector<std::string>{
          "/bin/sh", "-c", "exec '" + c.lab.program + "' --join - " + flags + " < '" + file + "'"},
      c.others.path, environment);
}

void await(process& p, const std::string& words) {
  for (double until = now_s() + 60; p.out_so_far().find(words) == std::string::npos;) {
    REQUIRE_MESSAGE(now_s() < until, p.out_so_far());
    REQUIRE_FALSE_MESSAGE(p.ends_within(10), p.out_so_far());
  }
}

}  // namespace

TEST_CASE("whoever has the node's state directory sees its machines and what waits for them") {
  cluster c({.links = false, .place = {}});
  const auto empty = c.lab.run({"workers"});
  CHECK(empty.exit_code == 0);
  CHECK(empty.out.find("no run waits") != std::string::npos);
  auto waits = c.begin("start_autoresearch",
                       c.lab.setup_arguments({{"requirements", {"gpu"}}, {"sandbox", "none"}}));
  json queue;
  for (double until = now_s() + 30; queue.empty() && now_s() < until;)
    queue = c.lab.run({"workers", "--json"}).answer().value("waiting", json::array());
  REQUIRE(queue.size() == 1);
  CHECK(queue[0]["requirements"] == json{"gpu"});
  CHECK(queue[0]["runs"] == 1);
  CHECK(c.lab.run({"workers"}).out.find("waiting 1 run, the first for") != std::string::npos);
  const auto numbers = c.metrics();
  CHECK_MESSAGE(numbers.find("ratchet_runs_waiting{requirements=\"gpu\"} 1\n") != numbers.npos,
                numbers);
  CHECK(numbers.find("ratchet_oldest_wait_seconds{requirements=\"gpu\"}") != numbers.npos);
  CHECK(numbers.find("ratchet_runs_waiting{requirements=\"\"} 0\n") != numbers.npos);
  c.add("first", {"--slots", "1", "--label", "gpu"});
  CHECK(waits->end().answer()["status"] == "running");
  CHECK(c.lab.run({"workers"}).out.find("worker  first") != std::string::npos);
  const auto nobody = laboratory().run({"workers"});
  CHECK(nobody.exit_code == 1);
  CHECK(nobody.err.find("no node has run") != std::string::npos);
}

TEST_CASE("workers of one home take places of their own, and names") {
  cluster c({.links = false, .place = {}});
  const auto state = "--state-dir '" + (c.others.path / "home").string() + "'";
  auto one = worker_of(c, state + " worker --slots 1 --name host");
  await(*one, "joined the node");
  auto two = worker_of(c, state + " worker --slots 1 --name host");
  await(*two, "joined the node");
  CHECK(two->out_so_far().find("works in worker-2") != std::string::npos);
  CHECK(two->out_so_far().find("as host-2") != std::string::npos);
  const auto id = c.start_search(2, std::string("sleep 0.3; ") + print_score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  std::set<std::string> workers;
  const json ran = c.ask("autoresearch_run", {{"session_id", id}});
  for (const auto& v : ran["variants"]) workers.insert(v["worker"]);
  CHECK(workers == std::set<std::string>{"host", "host-2"});
}

TEST_CASE("a worker with nothing to do ends by itself, and leaves nothing where it was told so") {
  cluster c({.links = false, .place = {}});
  const auto scratch = c.others.path / "scratch";
  fs::create_directory(scratch);
  auto worker =
      worker_of(c, "worker --slots 1 --ephemeral --idle-exit 2s", {"TMPDIR=" + scratch.string()});
  await(*worker, "joined the node");
  CHECK(std::distance(fs::directory_iterator(scratch), fs::directory_iterator()) == 1);
  const auto id = c.start_search(1, print_score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  CHECK(c.ask("autoresearch_run", {{"session_id", id}})["metric_value"].is_number());
  const auto end = worker->end();
  CHECK(end.exit_code == 0);
  CHECK(end.out.find("it had nothing to do for 2") != std::string::npos);
  CHECK(fs::is_empty(scratch));
  CHECK(worker->all_gone());
}

TEST_CASE("a worker that knows its end begins nothing that does not fit, and drains before") {
  cluster c({.links = false, .place = {}});
  auto leaving = worker_of(c, "worker --slots 1 --name leaving --until 33s");
  await(*leaving, "joined the node");
  CHECK(leaving->out_so_far().find("it drains in 3") != std::string::npos);
  CHECK(c.lab.run({"workers"}).out.find("ends in ") != std::string::npos);
  auto waits = c.begin("start_autoresearch",
                       c.lab.setup_arguments({{"time_budget_s", 40}, {"sandbox", "none"}}));
  const auto end = leaving->end();
  CHECK(end.exit_code == 0);
  CHECK(end.out.find("its time here ends") != std::string::npos);
  c.add("stays");
  CHECK(waits->end().answer()["status"] == "running");
  CHECK(c.workers()[0]["runs"] > 0);
}

TEST_CASE("Slurm's environment is a worker's allocation") {
  cluster c({.links = false, .place = {}});
  const auto end = std::to_string(std::time(nullptr) + 3600);
  auto worker = worker_of(
      c, "worker", {"SLURM_CPUS_ON_NODE=1", "SLURM_JOB_END_TIME=" + end, "SLURM_MEM_PER_NODE=512"});
  await(*worker, "joined the node");
  const auto row = c.workers()[0];
  CHECK(row["slots"] == 1);
  CHECK(row["machine"]["cpus"] == 1);
  CHECK(row["machine"]["memory_mb"] == 512);
  CHECK(row["ends_in_s"].get<double>() > 3000);
}

TEST_CASE("each run sees the devices of its slot, and is told which slot it has") {
  cluster c({.links = false, .place = {}});
  c.add("gpus", {"--slots", "2", "--devices", "4,5"});
  const auto seen = c.others.path / "seen";
  const auto id =
      c.start_search(4, "echo $RATCHET_SLOT $RATCHET_DEVICE $CUDA_VISIBLE_DEVICES >> '" +
                            seen.string() + "'; sleep 0.3; " + print_score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  c.ask("autoresearch_run", {{"session_id", id}});
  std::set<std::string> lines;
  std::istringstream all(read_text(seen));
  for (std::string line; std::getline(all, line);) lines.insert(line);
  CHECK(lines == std::set<std::string>{"0 4 4", "1 5 5"});
  auto refused = worker_of(c, "worker --slots 3 --devices 0,1")->end();
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("each slot has for itself") != std::string::npos);
}

TEST_CASE("the runs of a pinned slot stay on processors of its own") {
  cluster c({.links = false, .place = {}});
  const auto processors = shell(c.others.path, "nproc");
  if (std::stoi(processors) < 2) {
    MESSAGE("one processor is too few to tell");
    return;
  }
  auto refused = worker_of(c, "worker --pin --slots 1000")->end();
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("processors of its own") != std::string::npos);
  c.add("pinned", {"--slots", "2", "--pin"});
  const auto seen = c.others.path / "seen";
  const auto id = c.start_search(4, "grep Cpus_allowed_list /proc/self/status >> '" +
                                        seen.string() + "'; sleep 0.3; " + print_score);
  c.ask("autoresearch_edit", {{"session_id", id}});
  c.ask("autoresearch_run", {{"session_id", id}});
  std::set<std::string> lists;
  std::istringstream all(read_text(seen));
  for (std::string line; std::getline(all, line);) lists.insert(line);
  CHECK(lists.size() == 2);
  for (const auto& list : lists)
    CHECK_MESSAGE((std::stoi(processors) > 2 || list.find_first_of(",-") == list.npos), list);
}

TEST_CASE("a worker runs the commands of sessions by what it was told, as in a container") {
  cluster c({.links = false, .place = {}});
  const auto seen = c.others.path / "seen";
  write_text(c.others.path / "wrap",
             "#!/bin/sh\necho \"$1\" >> '" + seen.string() + "'\nshift\nexec \"$@\"\n");
  fs::permissions(c.others.path / "wrap", fs::perms::owner_all);
  c.add("boxed", {"--slots", "1", "--wrap", (c.others.path / "wrap").string() + " image"});
  const auto id = c.start_search(1, print_score, {{"setup_command", "touch made"}});
  c.ask("autoresearch_edit", {{"session_id", id}});
  CHECK(c.ask("autoresearch_run", {{"session_id", id}})["metric_value"].is_number());
  // The setup, the baseline's runs and the candidate's.
  CHECK(read_text(seen).starts_with("image\nimage\nimage\n"));
}

TEST_CASE("an invitation has an end and a number of uses, and can be made again") {
  cluster c({.links = false, .place = {}});
  const auto file = (c.others.path / "pool.invite").string();
  auto invite = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"node", "invite", "pool", "--output", file};
    words.insert(words.end(), more.begin(), more.end());
    return c.lab.run(words);
  };
  REQUIRE(invite({"--uses", "1", "--expires", "1h"}).exit_code == 0);
  auto first =
      worker_of(c, "--state-dir '" + (c.others.path / "1").string() + "' worker --slots 1");
  await(*first, "joined the node");
  auto too_many =
      worker_of(c, "--state-dir '" + (c.others.path / "3").string() + "' worker --slots 1");
  const auto refused = too_many->end();
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("often as it may") != std::string::npos);
  // The first is the first also when its connection is another one.
  c.kill_node();
  c.start_node();
  c.await_workers(1);
  const auto members = c.lab.run({"node", "members"}).out;
  CHECK(members.find("used 1 of 1 times") != std::string::npos);
  CHECK(members.find("until ") != std::string::npos);
  const auto again = invite({});
  CHECK(again.exit_code == 1);
  CHECK(again.err.find("--again pool") != std::string::npos);
  REQUIRE(invite({"--again"}).exit_code == 0);
  // The old key is revoked with that, and the worker is told so.
  const auto end = first->end();
  CHECK(end.exit_code == 1);
  CHECK(end.err.find("does not accept our key") != std::string::npos);
  auto second =
      worker_of(c, "--state-dir '" + (c.others.path / "2").string() + "' worker --slots 1");
  await(*second, "joined the node");
  CHECK(invite({"--again", "--expires", "soon"}).exit_code == 2);
}

TEST_CASE("a worker that waits for its node ends when it is asked to, at once") {
  cluster c({.links = false, .place = {}});
  c.add("w");
  c.kill_node();
  auto& program = *c.at("w").program;
  await(program, "joining again");
  const double asked = now_s();
  program.send(SIGTERM);
  CHECK(program.end().exit_code == 0);
  CHECK(now_s() - asked < 5);
}

TEST_CASE("a search that begins while its node is started again waits for it") {
  cluster c({.slots = 1, .links = false, .place = {}});
  c.kill_node();
  process search({c.lab.program, "--join", (c.others.path / "me.invite").string(), "run", "--repo",
                  c.lab.repository.string(), "--target", "p.txt", "--iterations", "1", "--backend",
                  "mutate", "--sandbox", "none", "--", "sh", "-c", print_score},
                 c.others.path);
  while (search.err_so_far().find("trying again") == std::string::npos)
    REQUIRE_FALSE(search.ends_within(10));
  c.start_node();
  const auto end = search.end();
  CHECK_MESSAGE(end.exit_code == 0, end.err);
}

TEST_CASE("a search at a node without machines says what it waits for, and so does its status") {
  cluster c({.links = false, .place = {}});
  process search({c.lab.program, "--join", (c.others.path / "me.invite").string(), "run", "--repo",
                  c.lab.repository.string(), "--target", "p.txt", "--iterations", "1", "--backend",
                  "mutate", "--sandbox", "none", "--", "sh", "-c", print_score},
                 c.others.path);
  while (search.err_so_far().find("the search waits for one") == std::string::npos)
    REQUIRE_FALSE(search.ends_within(10));
  json session;
  for (double until = now_s() + 30; session.is_null() && now_s() < until;) {
    const json all = c.lab.run({"status", "--json"}).answer();
    if (!all["sessions"].empty()) session = all["sessions"][0];
  }
  REQUIRE(session.is_object());
  std::string says;
  for (double until = now_s() + 30; says.empty() && now_s() < until;)
    says = c.ask("get_autoresearch_status", {{"session_id", session["session_id"]}})
               .value("last_output", "");
  CHECK_MESSAGE(says.find("waits for a machine with a free slot") == 0, says);
  c.add("first");
  const auto end = search.end();
  CHECK_MESSAGE(end.exit_code == 0, end.err);
  // What ran elsewhere is on record as such.
  CHECK(c.lab.rows("benchmarks WHERE offloaded = 1") > 0);
  CHECK(c.lab.rows("benchmarks WHERE offloaded = 0") == 0);
}
