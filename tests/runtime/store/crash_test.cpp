// SPDX-License-Identifier: MIT
//
// What was acknowledged is there, whatever happens to the process or the disk.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "runtime/store/sqlite.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

namespace {
std::atomic<bool> syncing_fails{false};
std::atomic<int> syncs{0};
}  // namespace

/// Stands before the C library's: SQLite syncs through it.
extern "C" int fdatasync(int fd) {
  ++syncs;
  if (syncing_fails) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

using namespace ratchet;
using namespace ratchet::testing;

namespace {

step_write step_numbered(int n, durability safety = durability::power) {
  iteration_record r;
  r.session_id = "s1";
  r.iteration = n;
  r.candidate.diff = std::string(2000, 'd');
  return {.session = session_record{"s1", "running", json::object(), json{{"iteration", n}}},
          .iterations = {r},
          .events = {{0, "autoresearch.iteration", "s1", "now", json{{"n", n}}}},
          .safety = safety};
}

std::string integrity(const std::filesystem::path& state) {
  return sqlite::connection(state / "ratchet.db").text("PRAGMA integrity_check");
}

}  // namespace

TEST_CASE("After kill -9 at any moment every acknowledged step is there once") {
  scratch s;
  std::mt19937 random(20260131);
  int next = 0;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const auto safety = round % 2 ? durability::process : durability::power;
    child writer([&](int fd) {
      auto store = open_store(s.path);
      for (int n = next; store; ++n) {
        auto written = (*store)->write(step_numbered(n, safety));
        if (!written) break;
        tell(fd, std::to_string(n) + " " + std::to_string(written->front().seq) + "\n");
      }
    });
    const int wanted = 1 + static_cast<int>(random() % 12);
    std::string told;
    for (int lines = 0; lines < wanted; ++lines) told += writer.line() + "\n";
    ::usleep(random() % 1500);  // so that the blow falls anywhere within a step
    ::kill(writer.pid, SIGKILL);
    told += writer.rest();

    auto store = *open_store(s.path);
    CHECK(integrity(s.path) == "ok");
    std::istringstream lines(told);
    int n = -1, acknowledged = 0;
    for (std::int64_t seq; lines >> n >> seq; ++acknowledged) {
      auto found = store->events_after(seq - 1, 1);
      REQUIRE(found);
      REQUIRE(found->size() == 1);
      CHECK(found->front().seq == seq);
      CHECK(found->front().payload["n"] == n);
      CHECK(store->iteration("s1", n)->has_value());
    }
    CHECK(acknowledged >= wanted);
    // The step that was under way is there whole or not at all, and there is no other.
    const int last = (**store->session("s1")).state["iteration"];
    CHECK(last >= n);
    CHECK(last <= n + 1);
    CHECK(*store->last_seq() == last + 1);
    CHECK(store->iterations("s1", 0)->size() == static_cast<std::size_t>(last + 1));
    next = last + 1;
  }
}

TEST_CASE("Two processes with four threads each write without losing or mixing up an event") {
  scratch s;
  constexpr int processes = 2, threads = 4, each = 40;
  auto reader = *open_store(s.path);
  std::vector<std::unique_ptr<child>> writers;
  for (int p = 0; p < processes; ++p)
    writers.push_back(std::make_unique<child>([&](int fd) {
      auto store = *open_store(s.path);
      std::vector<std::thread> workers;
      std::mutex telling;
      for (int t = 0; t < threads; ++t)
        workers.emplace_back([&, t] {
          const auto safety = t % 2 ? durability::process : durability::power;
          std::int64_t last = 0;
          for (int i = 0; i < each; ++i) {
            auto written = store->write(
                {.events = {{0, "t", std::to_string(p * threads + t), "now", json{{"i", i}}}},
                 .safety = safety});
            const bool well = written && written->front().seq > last;
            if (well) last = written->front().seq;
            std::lock_guard lock(telling);
            tell(fd, well ? std::to_string(last) + "\n" : "lost\n");
          }
        });
      for (auto& w : workers) w.join();
    }));
  // Meanwhile a reader never sees a gap.
  std::int64_t seen = 0;
  while (seen < processes * threads * each) {
    auto more = reader->events_after(seen, 1000);
    REQUIRE(more);
    for (const auto& e : *more) REQUIRE(e.seq == ++seen);
    if (more->empty()) std::this_thread::yield();
  }
  std::set<std::string> told;
  for (auto& w : writers) {
    std::istringstream lines(w->rest());
    for (std::string line; lines >> line;) CHECK(told.insert(line).second);
  }
  CHECK(told.size() == processes * threads * each);
  CHECK(told.count("lost") == 0);
  std::map<std::string, int> order;
  for (const auto& e : *reader->events_after(0, 10000))
    CHECK(e.payload["i"] == order[e.session_id]++);
}

TEST_CASE("One store serves reads while threads write to it") {
  scratch s;
  auto store = *open_store(s.path);
  REQUIRE(store->write(step_numbered(0)));
  std::atomic<int> running{2};
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t)
    writers.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i)
        if (!store->write(step_numbered(t * 50 + i, durability::process))) break;
      --running;
    });
  int reads = 0;
  do {
    auto found = store->session("s1");
    CHECK(found);
    CHECK(store->iterations("s1", 5));
    ++reads;
  } while (running > 0);
  for (auto& w : writers) w.join();
  CHECK(reads > 0);
  CHECK(store->iterations("s1", 0)->size() == 100);
}

TEST_CASE("Power-safe steps are synced before they are acknowledged, process-safe ones are not") {
  scratch s;
  auto store = *open_store(s.path);
  REQUIRE(store->write(step_numbered(0)));
  int before = syncs;
  for (int n = 1; n <= 10; ++n) REQUIRE(store->write(step_numbered(n, durability::process)));
  CHECK(syncs == before);
  for (int n = 11; n <= 20; ++n) REQUIRE(store->write(step_numbered(n, durability::power)));
  CHECK(syncs >= before + 10);
}

TEST_CASE("An I/O error during the commit is told as an unknown outcome, and the store goes on") {
  scratch s;
  auto store = *open_store(s.path);
  REQUIRE(store->write(step_numbered(0)));
  syncing_fails = true;
  auto failed = store->write(step_numbered(1));
  syncing_fails = false;
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::store_failed);
  CHECK(failed.error().details["outcome"] == "unknown");
  CHECK(failed.error().text.find("not known whether") != std::string::npos);
  CHECK(failed.error().text.find("ratchet.db") != std::string::npos);
  REQUIRE(store->write(step_numbered(1)));
  CHECK(store->iterations("s1", 0)->size() == 2);
  CHECK(integrity(s.path) == "ok");
}

TEST_CASE("A full disk is told, loses nothing, and the store goes on when there is space again") {
  scratch s;
  const auto told = in_child([&]() -> std::string {
    // In a mount namespace of its own: the file system ends with this child.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", s.path.c_str(), "tmpfs", 0, "size=2m") != 0)
      return "no mount";
    auto store = *open_store(s.path);
    put_content(s.path / "ballast", std::string(500'000, 'b'));
    int n = 0;
    for (; n < 10'000; ++n) {
      auto written = store->write(step_numbered(n));
      if (written) continue;
      if (written.error().text.find("Free space") == std::string::npos ||
          written.error().details["outcome"] != "nothing_written")
        return written.error().text;
      break;
    }
    if (n < 10 || n == 10'000) return "unexpected end at " + std::to_string(n);
    if (store->iterations("s1", 0)->size() != static_cast<std::size_t>(n)) return "rows differ";
    std::filesystem::remove(s.path / "ballast");
    if (auto again = store->write(step_numbered(n)); !again) return again.error().text;
    store.reset();
    store = *open_store(s.path);
    if (store->iterations("s1", 0)->size() != static_cast<std::size_t>(n) + 1) return "lost";
    return integrity(s.path);
  });
  if (told == "no mount")
    MESSAGE("not tested: this machine does not let the test mount a file system");
  else
    CHECK(told == "ok");
}

TEST_CASE("A file size limit is told, loses nothing, and the store goes on when it is lifted") {
  scratch s;
  const auto told = in_child([&]() -> std::string {
    auto store = *open_store(s.path);
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const auto unlimited = limit.rlim_cur;
    limit.rlim_cur = 1'200'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int n = 0;
    for (; n < 10'000; ++n) {
      auto written = store->write(step_numbered(n));
      if (written) continue;
      if (written.error().code != errc::store_failed) return written.error().text;
      break;
    }
    if (n < 10 || n == 10'000) return "unexpected end at " + std::to_string(n);
    if (store->iterations("s1", 0)->size() != static_cast<std::size_t>(n)) return "rows differ";
    limit.rlim_cur = unlimited;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (auto again = store->write(step_numbered(n)); !again) return again.error().text;
    if (store->iterations("s1", 0)->size() != static_cast<std::size_t>(n) + 1) return "lost";
    return integrity(s.path);
  });
  CHECK(told == "ok");
}
