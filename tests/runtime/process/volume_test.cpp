// SPDX-License-Identifier: MIT
#include <fstream>
#include <thread>
#include <vector>

#include "tests/runtime/process/fixture.hpp"

namespace ratchet::test {
namespace {

/// Peak resident size of this process in kilobytes.
long peak_resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  return 0;
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_CASE("a gigabyte of output is counted and costs no memory") {
  auto runner = open_runner();
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts from now
  const long before = peak_resident_kb();
  auto outcome = run(*runner, shell("echo begin; head -c 1000000000 /dev/zero | tr '\\0' x;"
                                    "echo end"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->succeeded());
  CHECK(outcome->output_bytes == 1'000'000'010);
  CHECK(outcome->output_head == "begin\n" + std::string(4994, 'x'));
  CHECK(outcome->output_tail == std::string(4996, 'x') + "end\n");
  CHECK(peak_resident_kb() - before < 16'000);
}

TEST_CASE("output before a time-out is kept, of a command that never stops printing too") {
  auto runner = open_runner();
  auto outcome = run(*runner, shell("trap '' TERM; echo begin; exec yes", 0.2));
  REQUIRE(outcome.has_value());
  CHECK(outcome->timed_out);
  CHECK(outcome->output_head.starts_with("begin\ny\ny\n"));
  CHECK(outcome->output_bytes > 10'000);
}

TEST_CASE("eight threads run commands at once and none gets another's output") {
  auto runner = open_runner();
  std::vector<int> wrong(8);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const int status = (t * 20 + i) % 200;
          const std::string word = "w" + std::to_string(t) + "-" + std::to_string(i);
          auto request = shell("cat; (setsid sleep 1000 &) ; exit " + std::to_string(status));
          request.input = word;
          auto outcome = run(*runner, request);
          if (!outcome || outcome->exit_code != status || outcome->output_head != word) ++wrong[t];
        }
      });
  }
  for (int count : wrong) CHECK(count == 0);
}

TEST_CASE("a run leaves no descriptor open, whatever comes of it") {
  const auto before = open_descriptors();
  {
    auto runner = open_runner();
    const auto with_launcher = open_descriptors();
    auto missing = shell("");
    missing.command.argv = {"/no/such/program"};
    auto with_input = shell("cat");
    with_input.input = "x";
    for (int i = 0; i < 5; ++i) {
      CHECK(run(*runner, shell("true")).has_value());
      CHECK(run(*runner, with_input).has_value());
      CHECK_FALSE(run(*runner, missing).has_value());
      CHECK_FALSE(run(*runner, shell("kill -9 $PPID")).has_value());
    }
    CHECK(run(*runner, shell("sleep 1000", 0.05))->timed_out);
    CHECK(open_descriptors() == with_launcher);
  }
  CHECK(open_descriptors() == before);
}

}  // namespace
}  // namespace ratchet::test
