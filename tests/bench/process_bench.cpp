// SPDX-License-Identifier: MIT
//
// What a supervised run costs: the median time of `true` through the process runner beside plain
// posix_spawn and waitpid, in the same program and interleaved, also with 1 GiB of touched heap;
// and 1 GB of output with the metric in its last line, beside `cat >/dev/null`. Prints one JSON
// object.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "actors/logic/metric.hpp"
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

void run(process_port& port, const process_request& request, long long bytes = 0,
         ratchet::output_sink* sink = nullptr) {
  auto outcome = port.run(request, sink, {});
  if (!outcome) stop(outcome.error().text);
  if (!outcome->succeeded() || outcome->output_bytes != bytes) stop("the command failed");
}

struct scanning final : ratchet::output_sink {
  explicit scanning(const ratchet::compiled_metric& metric) : scanner(metric) {}
  void consume(std::string_view bytes) override { scanner.consume(bytes); }
  ratchet::metric_scanner scanner;
};

/// The most that this process has had resident since the last reset, in MB.
double peak_resident_mb(bool reset) {
  std::ifstream status("/proc/self/status");
  double kb = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) kb = std::strtod(line.c_str() + 6, nullptr);
  if (reset) std::ofstream("/proc/self/clear_refs") << "5";
  return kb / 1e3;
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

  // 1 GB of log lines, the metric in the last.
  const auto log = std::filesystem::temp_directory_path() / "ratchet-process-bench.log";
  {
    std::ofstream out(log, std::ios::binary);
    for (long i = 0; out.tellp() < 1'000'000'000; ++i)
      out << "2026-01-05 12:30:05 INFO step " << i << " loss=0.2345 lr=1e-3 tokens/s=18234\n";
    out << "score: 0.875\n";
  }
  const auto flood_bytes = static_cast<long long>(std::filesystem::file_size(log));
  const std::string flood = "cat '" + log.string() + "'";
  auto metric = ratchet::compile_metric({"score", ""});
  if (!metric) stop(metric.error().text);
  std::vector<double> piped, run_s, read_s;
  double extra_mb = 0;
  for (int i = 0; i < 5; ++i) {
    piped.push_back(seconds_of(
        [&] { spawn_and_wait("/bin/sh", "-c", (flood + " | cat >/dev/null").c_str()); }));
    run_s.push_back(seconds_of([&] {
      run(port, request_for({"/bin/sh", "-c", flood}), flood_bytes);
    }));
    peak_resident_mb(true);
    const double before = peak_resident_mb(false);
    read_s.push_back(seconds_of([&] {
      scanning sink(*metric);
      run(port, request_for({"/bin/sh", "-c", flood}), flood_bytes, &sink);
      if (sink.scanner.finish().value != 0.875) stop("the metric was not found");
    }));
    extra_mb = std::max(extra_mb, peak_resident_mb(false) - before);
  }
  std::filesystem::remove(log);
  const double piped_ms = median_ms(piped), run_ms = median_ms(run_s), read_ms = median_ms(read_s);
  std::printf(
      "{\"true\": {\"posix_spawn_ms\": %.3f, \"run_ms\": %.3f, \"sandboxed_ms\": %.3f},\n"
      " \"true_with_1_gib_heap\": {\"posix_spawn_ms\": %.3f, \"run_ms\": %.3f, "
      "\"sandboxed_ms\": %.3f},\n"
      " \"gigabyte_ms\": {\"pipe_to_cat\": %.0f, \"run\": %.0f, \"run_and_extract\": %.0f, "
      "\"ratio_to_pipe\": %.2f, \"extra_resident_mb\": %.1f}}\n",
      small.spawn_ms, small.run_ms, small.sandboxed_ms, large.spawn_ms, large.run_ms,
      large.sandboxed_ms, piped_ms, run_ms, read_ms, read_ms / piped_ms, extra_mb);
  return 0;
}
