// SPDX-License-Identifier: MIT
//
// What a supervised run costs: the median time of `true` through the process runner beside plain
// posix_spawn and waitpid, in the same program and interleaved, also with 1 GiB of touched heap;
// and the throughput of 1 GB of output beside `cat >/dev/null`. Prints one JSON object.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "runtime/process/process_runner.hpp"

namespace {

using ratchet::process_port;
using ratchet::process_request;

double seconds_of(auto&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "process_bench: %s\n", why.c_str());
  std::exit(1);
}

void spawn_and_wait(const char* program, const char* argument, const char* script) {
  const char* arguments[] = {program, argument, script, nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, program, nullptr, nullptr, const_cast<char**>(arguments), environ) != 0)
    stop("posix_spawn failed");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) stop("the spawned program failed");
}

process_request request_for(std::vector<std::string> arguments) {
  process_request request;
  request.command.argv = std::move(arguments);
  request.directory = std::filesystem::temp_directory_path().string();
  return request;
}

void run(process_port& port, const process_request& request, long long bytes = 0) {
  auto outcome = port.run(request, nullptr, {});
  if (!outcome) stop(outcome.error().text);
  if (!outcome->succeeded() || outcome->output_bytes != bytes) stop("the command failed");
}

struct medians {
  double spawn_ms, run_ms, sandboxed_ms;
};

double median_ms(std::vector<double>& seconds) {
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2] * 1e3;
}

medians latency(process_port& port, int rounds) {
  const auto plain = request_for({"/bin/true"});
  auto sandboxed = plain;
  sandboxed.sandbox = ratchet::sandbox_mode::automatic;
  sandboxed.network = false;
  std::vector<double> spawns, runs, sandboxes;
  for (int i = 0; i < rounds; ++i) {
    spawns.push_back(seconds_of([] { spawn_and_wait("/bin/true", nullptr, nullptr); }));
    runs.push_back(seconds_of([&] { run(port, plain); }));
    sandboxes.push_back(seconds_of([&] { run(port, sandboxed); }));
  }
  return {median_ms(spawns), median_ms(runs), median_ms(sandboxes)};
}

}  // namespace

int main(int argc, char** argv) {
  const auto launcher = argc > 1 ? std::filesystem::path(argv[1]) : ratchet::find_launcher();
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 300;
  auto opened = ratchet::open_process_runner(launcher);
  if (!opened) stop(opened.error().text);
  process_port& port = **opened;

  latency(port, 20);  // warm
  const medians small = latency(port, rounds);
  constexpr std::size_t gibibyte = std::size_t{1} << 30;
  medians large{};
  {
    std::vector<char> heap(gibibyte, 'x');
    large = latency(port, rounds);
    if (heap[gibibyte / 2] != 'x') stop("memory");
  }

  constexpr long long flood_bytes = 1'000'000'000;
  const std::string flood = "head -c 1000000000 /dev/zero";
  double piped_s = 1e9, run_s = 1e9;
  for (int i = 0; i < 3; ++i) {
    piped_s = std::min(piped_s, seconds_of([&] {
                         spawn_and_wait("/bin/sh", "-c", (flood + " | cat >/dev/null").c_str());
                       }));
    run_s = std::min(run_s, seconds_of([&] {
                       run(port, request_for({"/bin/sh", "-c", flood}), flood_bytes);
                     }));
  }
  std::printf(
      "{\"true\": {\"posix_spawn_ms\": %.3f, \"run_ms\": %.3f, \"sandboxed_ms\": %.3f},\n"
      " \"true_with_1_gib_heap\": {\"posix_spawn_ms\": %.3f, \"run_ms\": %.3f, "
      "\"sandboxed_ms\": %.3f},\n"
      " \"flood_mb_per_s\": {\"pipe_to_cat\": %.0f, \"run\": %.0f}}\n",
      small.spawn_ms, small.run_ms, small.sandboxed_ms, large.spawn_ms, large.run_ms,
      large.sandboxed_ms, flood_bytes / piped_s / 1e6, flood_bytes / run_s / 1e6);
  return 0;
}
