// SPDX-License-Identifier: MIT
//
// What the benchmarks of the whole runtime share: a repository to work on, tool calls that must
// succeed, medians.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/embed/runtime.hpp"

namespace ratchet::bench {

namespace fs = std::filesystem;
using clock_type = std::chrono::steady_clock;

inline double ms_since(clock_type::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
}

inline double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "benchmark: %s\n", why.c_str());
  std::exit(1);
}

inline void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) give_up("failed: " + command);
}

/// score.txt, the target, and `files` more in folders of 250.
inline fs::path make_repository(const fs::path& at, int files) {
  fs::create_directories(at);
  std::ofstream(at / "score.txt") << "score: 0\n";
  for (int i = 0; i < files; ++i) {
    auto folder = at / ("d" + std::to_string(i / 250));
    if (i % 250 == 0) fs::create_directories(folder);
    std::ofstream(folder / ("f" + std::to_string(i))) << "file " << i << "\n";
  }
  shell("cd '" + at.string() +
        "' && git init -q -b main && git add -A && git -c user.name=b -c user.email=b@localhost "
        "commit -q -m base");
  return at;
}

/// A tool's answer; an error ends the program.
inline json call(runtime& lab, const char* tool, json arguments) {
  auto answer = lab.call(tool, arguments);
  if (answer.contains("code")) give_up(std::string(tool) + ": " + answer["error"].dump());
  return answer;
}

/// The arguments of a session on `repo` whose metric is the number in score.txt.
inline json score_session(const fs::path& repo) {
  return {{"repo_path", repo.string()},
          {"target_file", "score.txt"},
          {"run_command", {"/bin/cat", "score.txt"}},
          {"sandbox", "none"},
          {"max_iterations", 1'000'000},
          {"spark_budget", 4'000'000},
          {"edit_backend", "host"}};
}

struct iteration_times {
  std::vector<double> total, edit, run, decide;
};

inline void one_iteration(runtime& lab, const std::string& id, int score, const char* decision,
                          iteration_times& times) {
  auto begin = clock_type::now();
  call(lab, "autoresearch_edit",
       {{"session_id", id}, {"content", "score: " + std::to_string(score) + "\n"}});
  double edited = ms_since(begin);
  call(lab, "autoresearch_run", {{"session_id", id}});
  double ran = ms_since(begin);
  auto decided = call(lab, "autoresearch_decide", {{"session_id", id}});
  if (decided["decision"] != decision) give_up("decision was " + decided.dump());
  double all = ms_since(begin);
  times.total.push_back(all);
  times.edit.push_back(edited);
  times.run.push_back(ran - edited);
  times.decide.push_back(all - ran);
}

/// Bytes of memory that this process has resident.
inline double resident_bytes() {
  long total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace ratchet::bench
