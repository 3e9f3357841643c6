// SPDX-License-Identifier: MIT
//
// How long it takes to store a typical step, against a floor measured in the same run: a bare
// SQLite program that commits one small row with synchronous=FULL, and a bare append + fdatasync.
//
//   store_bench [directory] [steps]      the directory decides which disk is measured
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runtime/store/sqlite_store.hpp"

using namespace ratchet;

namespace {

void measure(const char* name, int steps, const std::function<bool(int)>& step) {
  std::vector<double> us;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) {
    const auto before = std::chrono::steady_clock::now();
    if (!step(i)) {
      std::printf("%-44s failed at %d\n", name, i);
      std::exit(1);
    }
    us.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before)
            .count());
  }
  const double total =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::sort(us.begin(), us.end());
  const auto share = [&](double s) { return us[static_cast<std::size_t>(s * (us.size() - 1))]; };
  std::printf("%-44s p50 %8.1f us   p99 %8.1f us   %9.0f /s\n", name, share(0.5), share(0.99),
              steps / total);
}

/// State of 1.5 KB, one result with its diff and output, one event.
step_write typical_step(int n, durability safety) {
  iteration_record r;
  r.session_id = "bench";
  r.iteration = n;
  r.decision = "reverted";
  r.time = "2026-01-01T00:00:00.000Z";
  r.candidate.hypothesis = "raise the learning rate to 0.04";
  r.candidate.tree = std::to_string(n) + std::string(30, 'a');
  r.candidate.diff = std::string(800, 'd');
  r.result = run_result{.iteration = n, .metric_value = 0.9, .output_tail = std::string(600, 'o')};
  return {.session = session_record{"bench", "running", json{{"metric_name", "score"}},
                                    json{{"iteration", n}, {"text", std::string(1450, 's')}}},
          .iterations = {r},
          .events = {{0, "autoresearch.iteration", "bench", r.time, json{{"iteration", n}}}},
          .safety = safety};
}

}  // namespace

int main(int argc, char** argv) {
  std::string name =
      (argc > 1 ? std::filesystem::path(argv[1]) : std::filesystem::temp_directory_path()) /
      "store-bench-XXXXXX";
  const int steps = argc > 2 ? std::atoi(argv[2]) : 2000;
  if (!::mkdtemp(name.data())) return 1;
  const std::filesystem::path directory = name;

  {
    const int fd = ::open((directory / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const std::string row(100, 'r');
    measure("floor: append + fdatasync", steps,
            [&](int) { return ::write(fd, row.data(), row.size()) > 0 && ::fdatasync(fd) == 0; });
    ::close(fd);
  }
  {
    sqlite3* db = nullptr;
    sqlite3_open((directory / "floor.db").c_str(), &db);
    sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (x INTEGER)",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db, "INSERT INTO t VALUES (1)", -1, &insert, nullptr);
    measure("floor: bare SQLite commit, FULL", steps, [&](int) {
      const bool done = sqlite3_step(insert) == SQLITE_DONE;
      return sqlite3_reset(insert) == SQLITE_OK && done;
    });
    sqlite3_finalize(insert);
    sqlite3_close(db);
  }
  auto store = open_store(directory / "state");
  if (!store) {
    std::printf("%s\n", store.error().text.c_str());
    return 1;
  }
  auto& db = **store;
  measure("write, power", steps,
          [&](int n) { return db.write(typical_step(n, durability::power)).has_value(); });
  measure("write, process", steps, [&](int n) {
    return db.write(typical_step(steps + n, durability::process)).has_value();
  });
  measure("write, power and process in turn", steps, [&](int n) {
    return db.write(typical_step(2 * steps + n, n % 2 ? durability::power : durability::process))
        .has_value();
  });
  measure("record_benchmark", steps, [&](int n) {
    return db.record_benchmark({.tool_name = "mutate", .completion_time_s = 1.0 * n}).has_value();
  });
  step_write many{.safety = durability::process};
  for (int n = 3 * steps; n < 10'001; ++n)
    many.iterations.push_back(*typical_step(n, durability::process).iterations.begin());
  if (!db.write(many)) return 1;
  measure("session", steps, [&](int) { return db.session("bench")->has_value(); });
  measure("iteration 10", steps, [&](int) { return db.iteration("bench", 10)->has_value(); });
  measure("iteration 10,000", steps,
          [&](int) { return db.iteration("bench", 10'000)->has_value(); });
  measure("last 10 iterations of 10,001", steps,
          [&](int) { return db.iterations("bench", 10)->size() == 10; });
  measure("tried_as, absent", steps, [&](int) { return !*db.tried_as("bench", "no"); });
  measure("best_tool", steps, [&](int) { return db.best_tool("autoresearch")->has_value(); });
  measure("all 10,001 iterations", 3,
          [&](int) { return db.iterations("bench", 0)->size() == 10'001; });

  std::filesystem::remove_all(directory);
}
