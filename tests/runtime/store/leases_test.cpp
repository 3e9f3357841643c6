// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "runtime/store/leases.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE("A session has one lease at a time within a process, and it can be taken again") {
  scratch s;
  auto leases = *open_leases(s.path / "state");
  auto other_leases = *open_leases(s.path / "state");
  {
    auto held = leases->acquire("s1");
    REQUIRE_MESSAGE(held, held.error().text);
    for (auto& port : {leases, other_leases}) {
      auto second = port->acquire("s1");
      REQUIRE_FALSE(second);
      CHECK(second.error().code == errc::session_busy);
      CHECK(second.error().details["pid"] == ::getpid());
      CHECK(second.error().text.find("another call of this process") != std::string::npos);
    }
    CHECK(leases->acquire("s2"));
  }
  CHECK(other_leases->acquire("s1"));
}

TEST_CASE("A lease excludes other processes, names its holder, and ends with kill -9") {
  scratch s;
  auto leases = *open_leases(s.path);
  child holder([&](int fd) {
    auto held = (*open_leases(s.path))->acquire("s1");
    tell(fd, held ? "held\n" : "not held\n");
    for (;;) ::pause();
  });
  REQUIRE(holder.line() == "held");
  auto refused = leases->acquire("s1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::session_busy);
  CHECK(refused.error().details["pid"] == holder.pid);
  CHECK(refused.error().text.find("process " + std::to_string(holder.pid)) != std::string::npos);
  holder.end();
  CHECK(leases->acquire("s1"));
}

TEST_CASE("Of many threads that want one session one at a time gets it") {
  scratch s;
  auto leases = *open_leases(s.path);
  std::atomic<int> holders{0}, most{0}, taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        auto held = leases->acquire("s1");
        if (!held) continue;
        const int now = ++holders;
        if (now > most) most = now;
        ++taken;
        --holders;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(most == 1);
  CHECK(taken > 0);
}

TEST_CASE("A lease survives the removal of the session's directory by giving a new one") {
  scratch s;
  auto leases = *open_leases(s.path);
  { REQUIRE(leases->acquire("s1")); }
  std::filesystem::remove_all(s.path / "sessions" / "s1");
  auto held = leases->acquire("s1");
  REQUIRE(held);
  CHECK_FALSE(leases->acquire("s1"));
}

TEST_CASE("A lease on a session that has no directory leaves none behind") {
  scratch s;
  auto leases = open_leases(s.path);
  REQUIRE(leases);
  {
    auto held = (*leases)->acquire("ended");
    REQUIRE(held);
    CHECK(std::filesystem::exists(s.path / "sessions" / "ended" / "lock"));
  }
  CHECK(!std::filesystem::exists(s.path / "sessions" / "ended"));
  {
    auto held = (*leases)->acquire("alive");
    REQUIRE(held);
    std::ofstream(s.path / "sessions" / "alive" / "workspace.json") << "{}";
  }
  CHECK(std::filesystem::exists(s.path / "sessions" / "alive" / "lock"));
}

TEST_CASE("What a killed process left of a lock goes when its lease is taken and given back") {
  scratch s;
  const auto sessions = s.path / "sessions";
  std::filesystem::create_directories(sessions / "empty");
  std::filesystem::create_directories(sessions / "locked");
  put_content(sessions / "locked" / "lock", "1\n");
  auto leases = *open_leases(s.path);
  for (const char* id : {"empty", "locked"}) {
    { CHECK(leases->acquire(id)); }
    CHECK(!std::filesystem::exists(sessions / id));
  }
}

TEST_CASE("A session that begins while its empty directory is being removed is not turned away") {
  scratch s;
  auto sweeper = *open_leases(s.path), beginner = *open_leases(s.path);
  for (int i = 0; i < 20; ++i) {
    auto removing = sweeper->acquire("s1");
    REQUIRE(removing);
    std::thread end([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      removing->reset();
    });
    auto begun = beginner->acquire("s1");
    end.join();
    REQUIRE(begun);
    CHECK(std::filesystem::exists(s.path / "sessions" / "s1" / "lock"));
  }
}

TEST_CASE("The lock is not inherited by programs that are started") {
  scratch s;
  auto held = (*open_leases(s.path))->acquire("s1");
  REQUIRE(held);
  const auto lock = std::filesystem::canonical(s.path / "sessions" / "s1" / "lock");
  int descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != lock) continue;
    ++descriptors;
    CHECK((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(descriptors == 1);
}

TEST_CASE("An id that would leave the sessions' directory is refused") {
  scratch s;
  auto leases = *open_leases(s.path);
  for (const char* id : {"", "..", ".", "a/b", "../x", "a b", "a\n"}) {
    CAPTURE(id);
    auto refused = leases->acquire(id);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
  }
  CHECK_FALSE(leases->acquire(std::string(129, 'a')));
  CHECK(leases->acquire(std::string(128, 'a')));
}

TEST_CASE("A lock that a link was put in place of is refused and its aim left alone") {
  scratch s;
  auto leases = *open_leases(s.path);
  put_content(s.path / "precious", "content");
  std::filesystem::create_directories(s.path / "sessions" / "s1");
  std::filesystem::create_symlink(s.path / "precious", s.path / "sessions" / "s1" / "lock");
  auto refused = leases->acquire("s1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::store_failed);
  CHECK(content_of(s.path / "precious") == "content");
}
