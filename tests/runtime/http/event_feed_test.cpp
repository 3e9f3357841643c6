// SPDX-License-Identifier: MIT
//
// GET /v1/events and the tail behind it, on a loop that the test turns by hand.
#include "runtime/http/event_feed.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "runtime/os/event_loop.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/fake_events.hpp"

namespace ratchet::http {
namespace {

using testing::fake_events;
using seqs = std::vector<std::int64_t>;

/// A client: takes at once what is written, or nothing while it is `stuck`.
struct client final : reply {
  int status = 200;
  std::string heard;
  std::size_t waiting = 0;
  bool stuck = false;
  std::function<void()> drained, gone;

  void send(int code, std::string_view, std::string body, const headers&) override {
    status = code;
    heard = std::move(body);
  }
  void begin_stream(const headers&) override {}
  void write(std::string_view bytes) override {
    heard += bytes;
    waiting += bytes.size();
  }
  void end() override {}
  bool open() const override { return true; }
  std::size_t waiting_bytes() const override { return waiting; }
  void when_drained(std::function<void()> f) override { drained = std::move(f); }
  void when_gone(std::function<void()> f) override { gone = std::move(f); }

  void take() {
    while (waiting > 0 && !stuck) {
      waiting = 0;
      drained();
    }
  }
  /// The numbers that it was sent.
  seqs ids() const {
    seqs out;
    for (auto at = heard.find("id: "); at != std::string::npos; at = heard.find("id: ", at + 1))
      if (at == 0 || heard[at - 1] == '\n') out.push_back(std::stoll(heard.substr(at + 4)));
    return out;
  }
};

struct feed_stage {
  std::shared_ptr<fake_events> store = std::make_shared<fake_events>();
  event_loop loop;
  event_tail tail{loop, [this] { return store; }};
  event_feed feed{loop, tail};
  std::vector<std::shared_ptr<client>> clients;

  std::shared_ptr<client> ask(std::vector<std::pair<std::string, std::string>> query,
                              const std::string& last_event_id = "") {
    auto c = std::make_shared<client>();
    request r{"GET", "/v1/events", {}, std::move(query), ""};
    if (!last_event_id.empty()) r.headers["last-event-id"] = last_event_id;
    feed.handle(r, c);
    if (c->status == 200) clients.push_back(c);
    return c;
  }
  void happen(int count, const std::string& topic = "a.edited", const std::string& session = "s") {
    for (int i = 0; i < count; ++i) store->add_event(topic, session);
  }
  /// Until the tail has told of everything and the clients have taken what they do.
  void settle() {
    auto all_taken = [this] {
      for (auto& c : clients) c->take();
      return tail.head() == *store->last_seq();
    };
    while (!all_taken()) loop.context().run_one();
    for (auto& c : clients) c->take();
  }
};

seqs from_to(std::int64_t first, std::int64_t last) {
  seqs out;
  for (auto i = first; i <= last; ++i) out.push_back(i);
  return out;
}

TEST_CASE("a reader gets what was stored and what happens, in order and once") {
  feed_stage s;
  s.happen(450);
  s.settle();
  auto all = s.ask({{"after", "0"}});
  auto news = s.ask({});
  auto some = s.ask({{"after", "0"}, {"topic", "b.*"}, {"session", "t"}});
  s.settle();
  CHECK(all->ids() == from_to(1, 450));
  CHECK(news->ids().empty());
  s.happen(30);
  s.happen(1, "b.x", "s");
  s.happen(1, "b.x", "t");
  s.settle();
  CHECK(all->ids() == from_to(1, 482));
  CHECK(news->ids() == from_to(451, 482));
  CHECK(some->ids() == seqs{482});
}

TEST_CASE("a reader that returns says what it has seen last, whatever its address says") {
  feed_stage s;
  s.happen(10);
  s.settle();
  auto back = s.ask({{"after", "2"}}, "7");
  auto ahead = s.ask({{"after", "12"}});
  s.settle();
  CHECK(back->ids() == from_to(8, 10));
  s.happen(4);
  s.settle();
  CHECK(back->ids() == from_to(8, 14));
  CHECK(ahead->ids() == seqs{13, 14});
}

TEST_CASE("a reader that is stuck holds nobody, costs no memory of its own and misses nothing") {
  feed_stage s;
  auto quick = s.ask({{"after", "0"}});
  auto slow = s.ask({{"after", "0"}});
  slow->stuck = true;
  slow->take();
  // More than the ring holds.
  const std::string long_topic(event_feed::ring_bytes / 1000, 'x');
  for (int i = 0; i < 10; ++i) {
    s.happen(60, long_topic);
    s.settle();
  }
  CHECK(quick->ids() == from_to(1, 600));
  CHECK(slow->ids().empty());
  slow->stuck = false;
  s.settle();
  CHECK(slow->ids() == from_to(1, 600));
}

TEST_CASE("a reader that goes is forgotten") {
  feed_stage s;
  auto c = s.ask({});
  CHECK(s.feed.readers() == 1);
  c->gone();
  CHECK(s.feed.readers() == 0);
  s.happen(3);
  s.settle();
  CHECK(c->ids().empty());
  CHECK(s.feed.counts().at("a.edited") == 3);
}

TEST_CASE("what is no question for events is refused") {
  feed_stage s;
  CHECK(s.ask({{"after", "x"}})->status == 400);
  CHECK(s.ask({{"befor", "1"}})->status == 400);
  s.store->fail_on("last_seq", fail(errc::store_failed, "disk gone"));
  CHECK(s.ask({})->status == 503);
  s.store.reset();
  CHECK(s.ask({})->status == 503);
}

TEST_CASE("a store that cannot be read for a while delays readers and loses them nothing") {
  feed_stage s;
  s.happen(20);
  s.settle();
  auto c = s.ask({{"after", "0"}});
  s.store->fail_on("events_after", fail(errc::store_failed, "disk gone"));
  s.settle();
  CHECK(c->ids().empty());
  s.happen(1);
  s.settle();
  CHECK(c->ids() == from_to(1, 21));
}

TEST_CASE("however many listen, the store is read once for all of them") {
  feed_stage s;
  std::vector<std::shared_ptr<void>> tokens;
  int told = 0;
  for (int i = 0; i < 5; ++i) {
    tokens.push_back(s.tail.follow([&told](const std::vector<event>& e) { told += e.size(); }));
    s.ask({});
  }
  s.settle();
  const auto before = s.store->count("events_after");
  s.happen(3);
  s.settle();
  CHECK(told == 15);
  for (auto& c : s.clients) CHECK(c->ids() == from_to(1, 3));
  CHECK(s.store->count("events_after") == before + 1);
}

TEST_CASE("a listener may end others and bring more, and is told nothing once it has ended") {
  feed_stage s;
  int first = 0, second = 0, third = 0;
  std::shared_ptr<void> one, two, three;
  one = s.tail.follow([&](const auto&) {
    ++first;
    two.reset();
    if (!three) three = s.tail.follow([&](const auto&) { ++third; });
  });
  two = s.tail.follow([&](const auto&) { ++second; });
  s.happen(1);
  s.settle();
  CHECK(first == 1);
  CHECK(second == 0);
  CHECK(third == 0);
  s.happen(1);
  s.settle();
  CHECK(first == 2);
  CHECK(third == 1);
}

TEST_CASE("a tail that nobody follows reads nothing, and begins anew at what is new") {
  auto store = std::make_shared<fake_events>();
  event_loop loop;
  event_tail tail(loop, [&] { return store; });
  seqs heard;
  auto note = [&heard](const std::vector<event>& events) {
    for (const auto& e : events) heard.push_back(e.seq);
  };
  auto token = tail.follow(note);
  store->add_event("a");
  while (heard.empty()) loop.context().run_one();
  token.reset();
  loop.context().run_one();  // the look that finds nobody
  loop.context().poll();
  loop.context().restart();  // it had nothing left to do
  const auto reads = store->calls().size();
  store->add_event("a");
  CHECK(store->calls().size() == reads);
  token = tail.follow(note);
  store->add_event("a");
  while (heard.size() < 2) loop.context().run_one();
  CHECK(heard == seqs{1, 3});
}

}  // namespace
}  // namespace ratchet::http
