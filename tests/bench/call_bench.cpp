// SPDX-License-Identifier: MIT
//
// What a process for each step costs: `ratchet call` beside the same step in a runtime that is
// open, and beside processes that do nothing, in turns. Prints a JSON line a step; medians in
// milliseconds.
//
//   call_bench [iterations 30] [program: the ratchet beside this one]
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/bench/laboratory.hpp"

extern char** environ;

using ratchet::json;
using namespace ratchet::bench;

namespace {

/// From its start to its end; its answer goes nowhere.
double run(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  const auto begin = clock_type::now();
  pid_t pid = 0;
  if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0)
    give_up("posix_spawn of " + words[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  const double took = ms_since(begin);
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) give_up(words[0] + " has failed");
  return took;
}

struct step {
  const char* tool;
  std::vector<double> in_a_process, in_a_runtime;
};

}  // namespace

int main(int argc, char** argv) {
  const int iterations = argc > 1 ? std::atoi(argv[1]) : 30;
  const std::string program =
      argc > 2 ? argv[2] : (fs::read_symlink("/proc/self/exe").parent_path() / "ratchet").string();
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  const fs::path base = mkdtemp(scratch);
  auto opened = ratchet::runtime::open({.state_dir = base / "open"});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  auto id = [&](const fs::path& state, const char* repo) -> std::string {
    auto settings = score_session(make_repository(base / repo, 0));
    if (state == base / "open") return call(lab, "autoresearch_setup", settings)["session_id"];
    auto own = ratchet::runtime::open({.state_dir = state});
    if (!own) give_up(own.error().text);
    return call(**own, "autoresearch_setup", settings)["session_id"];
  };
  const auto here = id(base / "open", "here"), there = id(base / "closed", "there");
  std::vector<step> steps{{"get_autoresearch_status", {}, {}},
                          {"autoresearch_edit", {}, {}},
                          {"autoresearch_run", {}, {}},
                          {"autoresearch_decide", {}, {}}};
  std::vector<double> nothing, version;
  for (int i = 1; i <= iterations; ++i) {
    nothing.push_back(run({"/bin/true"}));
    version.push_back(run({program, "--version"}));
    for (auto& s : steps) {
      json arguments{{"session_id", there}};
      // In turns better and worse than all before.
      if (&s == &steps[1])
        arguments["content"] = "score: " + std::to_string(i % 2 == 0 ? -i : i) + "\n";
      s.in_a_process.push_back(run(
          {program, "--state-dir", (base / "closed").string(), "call", s.tool, arguments.dump()}));
      arguments["session_id"] = here;
      const auto begin = clock_type::now();
      call(lab, s.tool, arguments);
      s.in_a_runtime.push_back(ms_since(begin));
    }
  }
  std::printf("%s\n", json{{"iterations", iterations},
                           {"true_ms", median(nothing)},
                           {"version_ms", median(version)}}
                          .dump()
                          .c_str());
  for (const auto& s : steps)
    std::printf("%s\n", json{{"tool", s.tool},
                             {"call_ms", median(s.in_a_process)},
                             {"step_ms", median(s.in_a_runtime)},
                             {"beyond_ms", median(s.in_a_process) - median(s.in_a_runtime)}}
                            .dump()
                            .c_str());
  fs::remove_all(base);
}
