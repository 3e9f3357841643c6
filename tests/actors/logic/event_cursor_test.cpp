// SPDX-License-Identifier: MIT
#include "actors/logic/event_cursor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "tests/support/expected_printing.hpp"

using namespace ratchet;

namespace {

using seqs = std::vector<std::int64_t>;

/// Events in a row, read as a store is.
struct event_list {
  std::vector<event> all;
  std::optional<failure> broken;
  std::size_t reads = 0;

  void add(const std::string& topic, const std::string& session = "s") {
    all.push_back({static_cast<std::int64_t>(all.size()) + 1, topic, session, "", {}});
  }
  expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) {
    ++reads;
    if (broken) return *broken;
    std::vector<event> page;
    for (const auto& e : all)
      if (e.seq > seq && page.size() < limit) page.push_back(e);
    return page;
  }
};

seqs read(event_cursor& cursor, event_list& store, std::size_t limit = SIZE_MAX) {
  auto page = cursor.next(store, limit);
  REQUIRE(page);
  seqs out;
  for (const auto& e : *page) out.push_back(e.seq);
  return out;
}

event_list hundred() {
  event_list store;
  for (int i = 1; i <= 100; ++i) store.add(i % 2 == 0 ? "a.even" : "a.odd");
  return store;
}

subscription only(std::vector<std::string> topics, const std::string& session = "",
                  std::int64_t after = 0) {
  return {std::move(topics), after, session};
}

}  // namespace

TEST_CASE("a cursor begins after the seq it was given, or now") {
  CHECK(event_cursor(only({"*"}, "", 7), 9).position() == 7);
  CHECK(event_cursor(only({"*"}, "", 0), 9).position() == 0);
  CHECK(event_cursor(only({"*"}, "", -1), 9).position() == 9);
}

TEST_CASE("topics and session choose, and no topics are all topics") {
  event_cursor some(only({"*.started", "a.comp*"}, "s"));
  CHECK(some.wants("a.started", "s"));
  CHECK(some.wants("a.completed", "s"));
  CHECK(!some.wants("a.edited", "s"));
  CHECK(!some.wants("a.started", "t"));
  event_cursor any(only({}));
  CHECK(any.wants("whatever", ""));
  event_cursor of_session(only({}, "s"));
  CHECK(of_session.wants("whatever", "s"));
  CHECK(!of_session.wants("whatever", "t"));
  event_cursor star(only({"x", "*"}, "s"));
  CHECK(star.wants("y", "s"));
  CHECK(!star.wants("y", "t"));
}

TEST_CASE("what was read is awaited no more, and a cursor never goes back") {
  event_cursor cursor(only({"a"}));
  CHECK(cursor.awaits({5, "a", "", "", {}}));
  CHECK(!cursor.awaits({5, "b", "", "", {}}));
  cursor.move_to(5);
  cursor.move_to(3);
  CHECK(cursor.position() == 5);
  CHECK(!cursor.awaits({5, "a", "", "", {}}));
  CHECK(cursor.awaits({6, "a", "", "", {}}));
}

TEST_CASE("pages follow on each other, and the one that is not full is the last") {
  auto store = hundred();
  event_cursor cursor({}, 0, 40);
  CHECK(read(cursor, store).size() == 40);
  CHECK(cursor.position() == 40);
  CHECK(!cursor.at_end());
  CHECK(read(cursor, store, 10) == seqs{41, 42, 43, 44, 45, 46, 47, 48, 49, 50});
  CHECK(!cursor.at_end());
  CHECK(read(cursor, store).back() == 90);
  CHECK(read(cursor, store).size() == 10);
  CHECK(cursor.at_end());
  store.add("a.odd");
  CHECK(read(cursor, store) == seqs{101});
}

TEST_CASE("what is not wanted is read over") {
  auto store = hundred();
  event_cursor cursor(only({"*.even"}), 0, 10);
  CHECK(read(cursor, store) == seqs{2, 4, 6, 8, 10});
  event_cursor none(only({"b"}), 0, 10);
  CHECK(read(none, store).empty());
  CHECK(none.position() == 10);
  CHECK(!none.at_end());
}

TEST_CASE("a page that cannot be read leaves the cursor where it was") {
  auto store = hundred();
  event_cursor cursor({}, 0, 60);
  read(cursor, store);
  store.broken = fail(errc::store_failed, "disk gone");
  auto page = cursor.next(store);
  REQUIRE(!page);
  CHECK(page.error().text == "disk gone");
  CHECK(cursor.position() == 60);
  store.broken.reset();
  CHECK(read(cursor, store).front() == 61);
}

TEST_CASE("however pages and news are mixed, every wanted event comes once and in order") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    event_list store;
    event_cursor cursor(only({"a.odd"}), 0, 7);
    seqs seen;
    for (int turn = 0; turn < 200; ++turn) {
      for (auto n = random() % 5; n > 0; --n) {
        store.add(store.all.size() % 2 == 0 ? "a.odd" : "a.even");
        if (random() % 2 == 0) continue;  // not told: it is found in the store
        while (cursor.position() + 1 < store.all.back().seq)
          for (auto s : read(cursor, store)) seen.push_back(s);
        const auto& news = store.all.back();
        if (cursor.awaits(news)) seen.push_back(news.seq);
        cursor.move_to(news.seq);
      }
      if (random() % 3 == 0)
        for (auto s : read(cursor, store, 1 + random() % 9)) seen.push_back(s);
    }
    do
      for (auto s : read(cursor, store)) seen.push_back(s);
    while (!cursor.at_end());
    seqs wanted;
    for (const auto& e : store.all)
      if (e.topic == "a.odd") wanted.push_back(e.seq);
    CHECK(seen == wanted);
  }
}
