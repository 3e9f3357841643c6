// SPDX-License-Identifier: MIT
#include "actors/event_hub.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_events.hpp"

namespace ratchet {
namespace {

using testing::actor_fixture;
using testing::fake_events;
using seqs = std::vector<std::int64_t>;

seqs up_to(std::int64_t last, std::int64_t first = 1) {
  seqs out;
  for (auto i = first; i <= last; ++i) out.push_back(i);
  return out;
}

/// Notes the seq of what it is told.
struct notebook {
  std::shared_ptr<seqs> seen = std::make_shared<seqs>();
};
subscriber_actor::behavior_type reader(subscriber_actor::pointer, notebook book) {
  return {[book](const event& e) { book.seen->push_back(e.seq); }};
}
/// Reads, and acknowledges only when the test sends it `wake_up`.
const event wake_up{-1, "", "", "", {}};
subscriber_actor::behavior_type late_reader(subscriber_actor::pointer self, notebook book) {
  auto open = std::make_shared<std::vector<caf::response_promise>>();
  return {[=](const event& e) {
    if (e.seq < 0) {
      for (auto& promise : *open) promise.deliver(caf::unit);
      return open->clear();
    }
    book.seen->push_back(e.seq);
    if (self->current_message_id().is_request()) open->push_back(self->make_response_promise());
  }};
}

struct hub_stage : actor_fixture {
  std::shared_ptr<fake_events> store = std::make_shared<fake_events>();
  event_hub_actor hub = spawn(event_hub, store);

  std::int64_t follow(const subscriber_actor& to, subscription wants = {}) {
    auto answer = ask<subscribed>(hub, wants, to);
    REQUIRE(answer);
    return answer->id;
  }
  /// As the journal does: durable first, then told.
  recorded_events written(int count, const std::string& topic = "autoresearch.edited",
                          const std::string& session = "") {
    recorded_events r;
    for (int i = 0; i < count; ++i) {
      store->add_event(topic, session);
      r.events.push_back(store->events.back());
    }
    return r;
  }
  void happen(int count, const std::string& topic = "autoresearch.edited",
              const std::string& session = "") {
    tell(hub, written(count, topic, session));
  }
};

TEST_CASE("a subscriber gets what was stored before it came and what happens after") {
  hub_stage s;
  s.written(600);
  notebook book;
  s.follow(s.spawn(reader, book));
  s.happen(3);
  CHECK(*book.seen == up_to(603));
}

TEST_CASE("a subscriber that resumes after a break misses nothing and gets nothing twice") {
  hub_stage s;
  notebook book;
  auto first = s.spawn(reader, book);
  s.follow(first);
  s.happen(10);
  s.kill(first);
  s.happen(10);
  subscription again;
  again.after_seq = book.seen->back();
  s.follow(s.spawn(reader, book), again);
  s.happen(1);
  CHECK(*book.seen == up_to(21));
}

TEST_CASE("after_seq -1 is only what comes from now") {
  hub_stage s;
  s.written(5);
  notebook book;
  subscription wants;
  wants.after_seq = -1;
  auto answer = s.ask<subscribed>(s.hub, wants, subscriber_actor(s.spawn(reader, book)));
  REQUIRE(answer);
  CHECK(answer->last_seq == 5);
  s.happen(2);
  CHECK(*book.seen == seqs{6, 7});
}

TEST_CASE("a subscriber that has seen more than there is waits for what is new to it") {
  hub_stage s;
  s.written(3);
  notebook book;
  subscription wants;
  wants.after_seq = 5;
  s.follow(s.spawn(reader, book), wants);
  s.happen(4);
  CHECK(*book.seen == seqs{6, 7});
}

TEST_CASE("topics and session choose what a subscriber gets, replayed or live") {
  hub_stage s;
  s.written(1, "autoresearch.started", "aaa");
  s.written(1, "autoresearch.started", "bbb");
  s.written(1, "autoresearch.edited", "aaa");
  notebook book;
  subscription wants;
  wants.topics = {"*.started", "autoresearch.comp*"};
  wants.session_id = "aaa";
  s.follow(s.spawn(reader, book), wants);
  s.happen(1, "autoresearch.completed", "aaa");
  s.happen(1, "autoresearch.completed", "bbb");
  s.happen(1, "autoresearch.edited", "aaa");
  CHECK(*book.seen == seqs{1, 4});
}

TEST_CASE(
    "events told out of order are delivered in order, once, however deliveries are shuffled") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    hub_stage s;
    s.written(300);
    std::vector<notebook> books(4);
    for (std::size_t i = 0; i < books.size(); ++i) {
      subscription wants;
      wants.after_seq = static_cast<std::int64_t>(i) * 100;
      caf::anon_send(s.hub, wants, subscriber_actor(s.spawn(reader, books[i])));
    }
    std::vector<recorded_events> untold;
    auto tell_one = [&] {
      std::swap(untold.back(), untold[random() % untold.size()]);
      caf::anon_send(s.hub, untold.back());
      untold.pop_back();
    };
    for (int i = 0; i < 60; ++i) {
      untold.push_back(s.written(1 + static_cast<int>(random() % 20)));
      if (random() % 2 == 0) tell_one();
      if (random() % 3 == 0) s.run_shuffled(random);
    }
    while (!untold.empty()) tell_one();
    s.run_shuffled(random);
    s.advance(std::chrono::seconds(1));
    auto last = s.store->events.back().seq;
    for (std::size_t i = 0; i < books.size(); ++i)
      CHECK(*books[i].seen == up_to(last, static_cast<std::int64_t>(i) * 100 + 1));
  }
}

TEST_CASE("what another process writes is found within 200 ms and never told twice") {
  hub_stage s;
  notebook book;
  s.follow(s.spawn(reader, book));
  s.store->add_event("autoresearch.started");
  s.advance(std::chrono::milliseconds(210));
  CHECK(*book.seen == seqs{1});
  s.store->add_event("autoresearch.edited");
  s.happen(1);  // with another's event before it
  CHECK(*book.seen == up_to(3));
  s.advance(std::chrono::seconds(2));
  CHECK(*book.seen == up_to(3));
}

TEST_CASE("the store is polled only while somebody listens") {
  hub_stage s;
  notebook book;
  auto id = s.follow(s.spawn(reader, book));
  s.advance(std::chrono::seconds(1));
  auto polls = s.store->count("last_seq");
  CHECK(polls > 4);
  s.tell(s.hub, unsubscribe{id});
  s.advance(std::chrono::seconds(10));
  CHECK(s.store->count("last_seq") <= polls + 1);
  CHECK(!s.scheduler().has_pending_timeout());
}

TEST_CASE("a subscriber that never acknowledges gets a window of events and slows nobody") {
  hub_stage s;
  notebook quick, slow;
  s.follow(s.spawn(late_reader, slow));
  s.follow(s.spawn(reader, quick));
  for (int i = 0; i < 100; ++i) s.happen(50);
  CHECK(*quick.seen == up_to(5000));
  CHECK(*slow.seen == up_to(event_hub_state::window));
}

TEST_CASE("a subscriber that was slow is caught up from the store") {
  hub_stage s;
  notebook book;
  auto late = s.spawn(late_reader, book);
  s.follow(late);
  for (int i = 0; i < 20; ++i) s.happen(50);
  CHECK(book.seen->size() == event_hub_state::window);
  for (int i = 0; i < 20; ++i) s.tell(late, wake_up);
  CHECK(*book.seen == up_to(1000));
  s.happen(1);
  CHECK(book.seen->back() == 1001);
}

TEST_CASE("a subscriber that handles nothing for an hour is forgotten") {
  hub_stage s;
  s.follow(s.spawn(late_reader, notebook{}));
  s.happen(64);
  s.advance(event_hub_state::acknowledgement_timeout + std::chrono::seconds(1));
  CHECK(!s.scheduler().has_pending_timeout());  // nobody listens, so nothing is polled
}

TEST_CASE("a subscriber that dies is forgotten and the others go on") {
  hub_stage s;
  notebook doomed, other;
  auto a = s.spawn(reader, doomed);
  s.follow(a);
  s.follow(s.spawn(reader, other));
  s.happen(1);
  s.kill(a);
  s.happen(100);
  CHECK(*doomed.seen == seqs{1});
  CHECK(*other.seen == up_to(101));
}

TEST_CASE("nothing is delivered after unsubscribe, to that subscription only") {
  hub_stage s;
  notebook book;
  auto to = s.spawn(reader, book);
  auto first = s.follow(to);
  s.follow(to);
  s.happen(1);
  s.tell(s.hub, unsubscribe{first});
  s.happen(1);
  CHECK(*book.seen == seqs{1, 1, 2});
  s.kill(to);  // the other subscription is still watched
  s.advance(std::chrono::seconds(1));
  CHECK(!s.scheduler().has_pending_timeout());
}

TEST_CASE("a subscription fails with the store's failure, and works again after it") {
  hub_stage s;
  s.store->fail_on("last_seq", fail(errc::store_failed, "disk gone"));
  notebook book;
  subscriber_actor to = s.spawn(reader, book);
  auto answer = s.ask<subscribed>(s.hub, subscription{}, to);
  REQUIRE(!answer);
  CHECK(answer.error().text == "disk gone");
  s.follow(to);
}

TEST_CASE("a store that fails for a while delays events and loses none") {
  hub_stage s;
  s.written(300);
  notebook book;
  subscriber_actor to = s.spawn(reader, book);
  s.store->fail_always("events_after", fail(errc::store_failed, "disk gone"));
  s.follow(to);
  s.happen(1);
  s.store->add_event("autoresearch.edited");
  s.happen(1);
  CHECK(book.seen->empty());
  s.store->heal();
  s.advance(std::chrono::seconds(1));
  CHECK(*book.seen == up_to(303));
}

}  // namespace
}  // namespace ratchet
