// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

std::string why_not(const std::filesystem::path& state) {
  auto store = open_store(state);
  if (store) return "opened";
  CHECK(store.error().code == errc::store_failed);
  return store.error().text;
}

bool says(const std::string& text, const std::string& part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The state directory is made when it is missing, for its owner alone") {
  scratch s;
  const auto state = s.path / "deep" / "er" / "state";
  REQUIRE(why_not(state) == "opened");
  struct stat made {};
  REQUIRE(::stat(state.c_str(), &made) == 0);
  CHECK((made.st_mode & 0777) == 0700);
  sqlite::connection c(state / "ratchet.db");
  CHECK(c.text("PRAGMA journal_mode") == "wal");
  CHECK(c.integer("PRAGMA application_id") == schema::application_id);
  CHECK(c.integer("PRAGMA user_version") == schema::version());
}

TEST_CASE("A state directory that is a file is refused by name") {
  scratch s;
  put_content(s.path / "state", "");
  CHECK(says(why_not(s.path / "state"), (s.path / "state").string()));
}

TEST_CASE("A file that is no database is refused and left as it is") {
  scratch s;
  const std::string other(5000, 'x');
  put_content(s.path / "ratchet.db", other);
  const auto text = why_not(s.path);
  CHECK(says(text, "file is not a database"));
  CHECK(says(text, "Move it away"));
  CHECK(content_of(s.path / "ratchet.db") == other);
}

TEST_CASE("A damaged file is told as damaged, with the way out") {
  scratch s;
  {
    auto store = *open_store(s.path);
    step_write step;
    for (int i = 0; i < 200; ++i)
      step.events.push_back({0, "t", "s", "now", json{{"text", std::string(500, 'a')}}});
    REQUIRE(store->write(step));
  }
  auto bytes = content_of(s.path / "ratchet.db");
  REQUIRE(bytes.size() > 40000);
  for (std::size_t i = 4096; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  put_content(s.path / "ratchet.db", bytes);
  auto store = open_store(s.path);
  const auto text = store ? (*store)->events_after(0, 1000).error().text : store.error().text;
  CHECK(says(text, "malformed"));
  CHECK(says(text, ".recover"));
}

TEST_CASE("The database of another program is refused and left as it is") {
  scratch s;
  {
    sqlite::connection c(s.path / "ratchet.db");
    c.execute("CREATE TABLE theirs (x)");
  }
  const auto before = content_of(s.path / "ratchet.db");
  CHECK(says(why_not(s.path), "another program"));
  CHECK(content_of(s.path / "ratchet.db") == before);
}

TEST_CASE("A file of a newer Ratchet is refused in plain words and left as it is") {
  scratch s;
  REQUIRE(why_not(s.path) == "opened");
  {
    sqlite::connection c(s.path / "ratchet.db");
    c.execute("PRAGMA user_version = 99");
  }
  const auto before = content_of(s.path / "ratchet.db");
  const auto text = why_not(s.path);
  CHECK(says(text, "newer Ratchet"));
  CHECK(says(text, "layout 99"));
  CHECK(content_of(s.path / "ratchet.db") == before);
}

TEST_CASE("A migration that was cut short leaves the older file") {
  scratch s;
  {
    sqlite::connection c(s.path / "ratchet.db");
    sqlite::transaction t(c);
    c.execute("CREATE TABLE sessions (half)");
  }
  CHECK(why_not(s.path) == "opened");
}

TEST_CASE("A directory that may not be written to is refused with advice") {
  for (const bool with_store : {false, true}) {
    CAPTURE(with_store);
    scratch s;
    if (with_store) REQUIRE(why_not(s.path) == "opened");
    const auto text = in_child([&]() -> std::string {
      ::chmod(s.path.c_str(), 0555);
      // Root may write everywhere.
      if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return "no other user";
      return why_not(s.path);
    });
    ::chmod(s.path.c_str(), 0755);
    CHECK(says(text, (s.path / "ratchet.db").string()));
    CHECK(says(text, "writable"));
  }
}

TEST_CASE("Many processes may make the same store at once") {
  for (int round = 0; round < 5; ++round) {
    scratch s;
    std::vector<std::unique_ptr<child>> openers;
    for (int i = 0; i < 6; ++i)
      openers.push_back(
          std::make_unique<child>([&](int fd) { tell(fd, why_not(s.path / "state")); }));
    for (auto& opener : openers) CHECK(opener->rest() == "opened");
  }
}
