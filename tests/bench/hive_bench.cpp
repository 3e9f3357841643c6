// SPDX-License-Identifier: MIT
//
// What running side by side brings, and what a worker on another machine costs. Prints medians and
// ratios against a baseline of the same run, as JSON.
//
//   hive_bench sleep [slots 8] [candidates 120]  experiments that sleep 200 ms: throughput of a
//                                                search with so many slots against one with one
//   hive_bench uneven [slots 16] [candidates 320]  the same with 100 to 500 ms: how busy the slots
//                                                are that need not wait for the slowest
//   hive_bench cpu [slots 2] [candidates 20]     the same with experiments that compute for 200 ms
//   hive_bench board [workers 1000] [waiting 1000]    what a run that ends costs the runner's queue
//   hive_bench dispatch [candidates 30] [files 50000]
//       `ratchet node` and `ratchet worker` over loopback: from the call of autoresearch_run to the
//       start of the command there, against the same in a node that runs it itself; and the bytes
//       that the loopback device carried for a candidate. For those run it where nothing else uses
//       the device: unshare -rn sh -c 'ip link set lo up; hive_bench dispatch'
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>
#include <sstream>

#include "actors/logic/run_board.hpp"
#include "runtime/net/remote_node.hpp"
#include "tests/bench/laboratory.hpp"

extern char** environ;

namespace {

using ratchet::json;
using namespace ratchet::bench;

// -- side by side --------------------------------------------------------------------------------

fs::path number_repository(const fs::path& at) {
  fs::create_directories(at);
  // ratchet's own notation: so many values that a search never runs out of them
  std::ofstream(at / "number.txt") << "value = 500000  # ratchet: range 1..1000000\n";
  shell("cd '" + at.string() +
        "' && git init -q -b main && git add -A && git -c user.name=b -c user.email=b@localhost "
        "commit -q -m base");
  return at;
}

struct search_speed {
  double candidates_per_s = 0;  ///< of a whole search, edits and decisions and all
  double busy = 0;              ///< the share of the slots' time in which their experiments slept
  std::vector<double> edit_ms, run_ms, decide_ms;  ///< of each turn

  json as_json() const {
    return {{"candidates_per_s", candidates_per_s},
            {"busy", busy},
            {"edit_ms", median(edit_ms)},
            {"run_ms", median(run_ms)},
            {"decide_ms", median(decide_ms)}};
  }
};

/// What a candidate's command sleeps, in seconds, by the number that it prints.
using time_of_value = double (*)(long value);

search_speed speed_of_search(const fs::path& base, int slots, int candidates,
                             const std::string& command, time_of_value time_of) {
  auto repo = number_repository(base / ("repo" + std::to_string(slots)));
  auto opened = ratchet::runtime::open(
      {.state_dir = base / ("state" + std::to_string(slots)), .slots = slots});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  auto session = call(lab, "start_autoresearch",
                      {{"repo_path", repo.string()},
                       {"target_file", "number.txt"},
                       {"run_command", "read name is value rest < number.txt; " + command},
                       {"sandbox", "none"},
                       {"max_iterations", 1'000'000},
                       {"spark_budget", 4'000'000},
                       {"hive_parallel", slots > 1},
                       {"num_variants", slots}});
  const json id{{"session_id", session["session_id"]}};
  search_speed speed;
  double slept_s = 0;
  auto turn = [&] {
    auto begun = clock_type::now();
    auto edited = call(lab, "autoresearch_edit", id);
    if (!edited.value("success", false)) give_up("edit: " + edited.dump());
    const double edit = ms_since(begun);
    auto ran = call(lab, "autoresearch_run", id);
    const double run = ms_since(begun);
    call(lab, "autoresearch_decide", id);
    speed.edit_ms.push_back(edit);
    speed.run_ms.push_back(run - edit);
    speed.decide_ms.push_back(ms_since(begun) - run);
    auto measured = ran.value("variants", json::array({ran}));
    for (const auto& one : measured)
      if (one["metric_value"].is_number()) slept_s += time_of(one["metric_value"].get<long>());
    return static_cast<int>(measured.size());
  };
  for (int warm = 0; warm < 2 * slots;) warm += turn();  // every work tree is there now
  slept_s = 0;
  int done = 0;
  auto begin = clock_type::now();
  while (done < candidates) done += turn();
  const double took_s = ms_since(begin) / 1000;
  speed.candidates_per_s = done / took_s;
  speed.busy = slept_s / took_s / slots;
  return speed;
}

constexpr const char* print_score = "; echo \"score: $value\"";

int side_by_side(const char* name, const std::string& command, time_of_value time_of, int slots,
                 int candidates) {
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  fs::path base = mkdtemp(scratch);
  const auto one =
      speed_of_search(base, 1, std::max(4, candidates / slots), command + print_score, time_of);
  const auto many = speed_of_search(base, slots, candidates, command + print_score, time_of);
  std::printf("%s\n", json{{"experiment", name},
                           {"slots", slots},
                           {"side_by_side", many.as_json()},
                           {"one_slot", one.as_json()},
                           {"ratio", many.candidates_per_s / one.candidates_per_s}}
                          .dump()
                          .c_str());
  fs::remove_all(base);
  return 0;
}

// -- the queue -----------------------------------------------------------------------------------

int queue_of_many(int workers, int waiting) {
  ratchet::machine_facts machine;
  machine.arch = "x86_64";
  machine.cpus = 2;
  ratchet::run_board board(machine, 0);
  for (int i = 1; i <= workers; ++i) board.join(i, machine, 1);
  std::int64_t last = 0;
  auto add = [&] {
    ratchet::board_job job;
    job.id = ++last;
    job.session_id = "s" + std::to_string(last % 100);
    job.requirements = {"cpus>=2"};
    board.add(job);
  };
  std::deque<std::int64_t> at_work;
  auto serve = [&] {
    while (auto s = board.next()) at_work.push_back(s->job.id);
  };
  for (int i = 0; i < workers + waiting; ++i) add();
  serve();
  std::vector<double> us;
  for (int i = 0; i < 300; ++i) {
    auto begin = clock_type::now();
    board.end(at_work.front(), {});
    at_work.pop_front();
    add();
    serve();
    us.push_back(ms_since(begin) * 1000);
  }
  std::printf("%s\n",
              json{{"workers", workers}, {"waiting", waiting}, {"a_run_that_ends_us", median(us)}}
                  .dump()
                  .c_str());
  return 0;
}

// -- another machine -----------------------------------------------------------------------------

/// A program in the background, whose output goes to a file; ended with this.
class background {
 public:
  background(std::vector<std::string> arguments, const fs::path& output) : output_(output) {
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0)
      give_up("cannot start " + arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~background() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  background(const background&) = delete;
  background& operator=(const background&) = delete;

  std::string text() const {
    std::ifstream in(output_);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  void await(const std::string& word) const {
    for (auto begin = clock_type::now(); text().find(word) == std::string::npos;) {
      if (ms_since(begin) > 20'000) give_up("no \"" + word + "\" in:\n" + text());
      ::usleep(10'000);
    }
  }

 private:
  fs::path output_;
  pid_t pid_ = -1;
};

/// Bytes that the loopback device has carried.
double loopback_bytes() {
  std::ifstream in("/proc/net/dev");
  for (std::string line; std::getline(in, line);)
    if (auto at = line.find("lo:"); at != line.npos)
      return std::strtod(line.c_str() + at + 3, nullptr);
  return 0;
}

double wall_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct dispatch_times {
  std::vector<double> start_ms, bytes;
};

/// `call` is the node's tools; the command tells when it began.
template <class Call>
dispatch_times dispatch(const Call& call_tool, const fs::path& repo, const fs::path& began,
                        int candidates) {
  auto ask = [&](const char* tool, json arguments) {
    json answer = call_tool(tool, arguments);
    if (answer.contains("code")) give_up(std::string(tool) + ": " + answer["error"].dump());
    return answer;
  };
  auto arguments = score_session(repo);
  arguments["run_command"] = "date +%s%N > '" + began.string() + "'; head -n 1 score.txt";
  const std::string id = ask("autoresearch_setup", arguments)["session_id"];
  dispatch_times times;
  for (int i = 1; i <= candidates; ++i) {
    ask("autoresearch_edit",
        {{"session_id", id},
         {"content", "score: " + std::to_string(-i) + "\n" + std::string(1024, 'a' + i % 26)}});
    const double carried = loopback_bytes(), called = wall_ms();
    ask("autoresearch_run", {{"session_id", id}});
    times.bytes.push_back(loopback_bytes() - carried);
    double ns = 0;
    std::ifstream(began) >> ns;
    times.start_ms.push_back(ns / 1e6 - called);
    ask("autoresearch_decide", {{"session_id", id}});
  }
  ask("autoresearch_finalize", {{"session_id", id}});
  return times;
}

int another_machine(const fs::path& program, int candidates, int files) {
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  fs::path base = mkdtemp(scratch);
  auto repo = make_repository(base / "repo", files);
  dispatch_times here, there;
  {
    auto opened = ratchet::runtime::open({.state_dir = base / "here"});
    if (!opened) give_up(opened.error().text);
    here = dispatch([&](const char* tool, const json& a) { return (*opened)->call(tool, a); }, repo,
                    base / "began", candidates);
  }
  const std::string ratchet = program.string(), node_dir = base / "node",
                    worker_dir = base / "worker";
  background node(
      {ratchet, "--state-dir", node_dir, "node", "--slots", "0", "--listen", "127.0.0.1:0"},
      base / "node.log");
  node.await("listens on");
  for (const char* name : {"worker", "bench"})
    shell(ratchet + " --state-dir " + node_dir + " node invite " + name + " --output " +
          (base / name).string() + ".invite > /dev/null");
  background worker({ratchet, "--state-dir", worker_dir, "--join", base / "worker.invite", "worker",
                     "--slots", "1"},
                    base / "worker.log");
  worker.await("joined the node");
  auto invited = ratchet::net::invitation::read((base / "bench.invite").string());
  if (!invited) give_up(invited.error().text);
  ratchet::net::remote_node lab(*invited);
  there = dispatch([&](const char* tool, const json& a) { return lab.call(tool, a); }, repo,
                   base / "began", candidates);
  std::printf("%s\n", json{{"files", files},
                           {"candidates", candidates},
                           {"call_to_start_here_ms", median(here.start_ms)},
                           {"call_to_start_there_ms", median(there.start_ms)},
                           {"dispatch_ms", median(there.start_ms) - median(here.start_ms)},
                           {"bytes_on_the_wire", median(there.bytes)}}
                          .dump()
                          .c_str());
  fs::remove_all(base / "repo");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  auto number = [&](int i, int otherwise) { return argc > i ? std::atoi(argv[i]) : otherwise; };
  if (mode == "sleep")
    return side_by_side(
        "sleeps", "sleep 0.2", [](long) { return 0.2; }, number(2, 8), number(3, 120));
  if (mode == "uneven")
    return side_by_side(
        "sleeps unevenly", "sleep 0.$((1 + value % 5))",
        [](long value) { return 0.1 * static_cast<double>(1 + value % 5); }, number(2, 16),
        number(3, 320));
  if (mode == "cpu")
    return side_by_side(
        "computes", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done", [](long) { return 0.0; },
        number(2, 2), number(3, 20));
  if (mode == "board") return queue_of_many(number(2, 1000), number(3, 1000));
  if (mode == "dispatch")
    return another_machine(fs::canonical("/proc/self/exe").parent_path() / "ratchet", number(2, 30),
                           number(3, 50'000));
  std::fprintf(stderr, "usage: hive_bench sleep|uneven|cpu|board|dispatch [count] [count]\n");
  return 2;
}
