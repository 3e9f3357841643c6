// SPDX-License-Identifier: MIT
#include "runtime/net/remote_events.hpp"

#include <doctest/doctest.h>

#include "messages/type_ids.hpp"
#include "tests/runtime/net/guarded_node.hpp"
#include "tests/runtime/tls/tls_fixture.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;

namespace {

struct listening {
  listening(remote_node& node, subscription wanted)
      : events(node, std::move(wanted),
               {[this](const event& e) { seen.put(e.seq); },
                [this](const subscribed& s) { taken.put(s.last_seq); },
                [this](const failure& f) {
                  interrupted.put(f);
                  return f.code != errc::invalid_argument;
                }}) {}
  /// The next `count` events are first, first + 1, …
  void expect_from(std::int64_t first, int count) {
    for (int i = 0; i < count; ++i) REQUIRE(seen.get() == first + i);
  }
  handed_over<std::int64_t> seen, taken;
  handed_over<failure> interrupted;
  remote_events events;
};

}  // namespace

TEST_CASE("a subscriber on another node gets everything after the seq it names, in order") {
  guarded_node node;
  node.write_events(500);
  remote_node member(node.invite());
  listening l(member, {.after_seq = 100});
  CHECK(l.taken.get() == 500);
  l.expect_from(101, 400);
  node.write_events(1000);
  l.expect_from(501, 1000);
}

TEST_CASE("from now on means from now on, also across a broken connection") {
  guarded_node node;
  node.write_events(10);
  remote_node member(node.invite());
  listening l(member, {.after_seq = -1});
  CHECK(l.taken.get() == 10);
  const auto port = node.door->port();
  node.door.reset();  // before anything was seen
  l.interrupted.get();
  node.write_events(5);
  node.open_guard(port);
  l.expect_from(11, 5);
}

TEST_CASE("topics and sessions are chosen at the node") {
  guarded_node node;
  remote_node member(node.invite());
  listening other(member, {.topics = {"autoresearch.kept"}});
  other.taken.get();
  listening same(member, {.topics = {"*.edited"}, .session_id = "0123456789ab"});
  same.taken.get();
  node.write_events(3);
  same.expect_from(1, 3);
}

TEST_CASE("broken connections cost no event and show none twice") {
  guarded_node node;
  remote_node member(node.invite());
  listening l(member, {});
  l.taken.get();
  std::int64_t next = 1;
  for (int round = 0; round < 10; ++round) {
    node.write_events(300);
    l.expect_from(next, 100);  // in the middle of the others
    node.close_and_open_guard();
    node.write_events(50);
    l.expect_from(next + 100, 250);
    next += 350;
  }
}

TEST_CASE("a subscriber whose membership ends is told so, once") {
  guarded_node node({.look_interval = std::chrono::milliseconds(20)});
  remote_node member(node.invite());
  listening l(member, {});
  l.taken.get();
  REQUIRE(node.members.revoke("laptop", 1));
  CHECK(l.interrupted.get().code == errc::worker_lost);
  CHECK(l.interrupted.get().code == errc::invalid_argument);
}

TEST_CASE("a listener that goes away is forgotten, and others go on") {
  guarded_node node;
  auto gone = std::make_unique<remote_node>(node.invite());
  auto stays = std::make_unique<remote_node>(node.invite());
  {
    listening l(*gone, {});
    l.taken.get();
    listening other(*stays, {});
    other.taken.get();
    node.write_events(100);
    l.expect_from(1, 100);
    other.expect_from(1, 100);
  }
  gone.reset();
  listening l(*stays, {.after_seq = 50});
  l.taken.get();
  l.expect_from(51, 50);
}
