// SPDX-License-Identifier: MIT
//
// Deltas from node to node over real connections on loopback.
#include <doctest/doctest.h>

#include "actors/logic/delivery_backoff.hpp"
#include "runtime/store/sqlite.hpp"
#include "tests/runtime/federation/federated_node.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE("what a node has learned is accepted by its peer, and both say so") {
  federated_node a, b;
  a.befriend(b);
  REQUIRE(a.store->write(
      {.session = session_record{"session", "completed", json::object(), json::object(), false}}));
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).delivered == 1);
  CHECK(a.peer(b.id()).pending == 0);
  CHECK(b.peer(a.id()).accepted == 1);
  CHECK(b.peer(a.id()).last_sequence == 1);
  CHECK(b.peer(a.id()).last_seen_ms == b.clock->now_ms());
  auto votes = b.known->votes("autoresearch");
  REQUIRE(votes->size() == 1);
  CHECK(votes->front().node_id == a.id());
  CHECK(votes->front().score.sample_count == 40);
  CHECK((**a.store->session("session")).state["federation_broadcast_enforced"] == true);
}

TEST_CASE("three nodes teach each other, each delta once") {
  federated_node nodes[3];
  nodes[0].befriend(nodes[1]);
  nodes[1].befriend(nodes[2]);
  nodes[2].befriend(nodes[0]);
  for (int round = 0; round < 3; ++round)
    for (auto& n : nodes) {
      n.learn();
      n.deliver();
      n.deliver();  // nothing waits: nobody is called
    }
  for (auto& n : nodes) {
    CHECK(n.known->votes("autoresearch")->size() == 2);
    for (auto& p : *n.known->peers()) {
      CHECK(p.accepted == 3);
      CHECK(p.delivered == 3);
      CHECK(p.refused == 0);
      CHECK(p.pending == 0);
    }
  }
}

TEST_CASE("many deltas that waited arrive in order") {
  federated_node a, b;
  a.befriend(b);
  for (int i = 0; i < 40; ++i) a.learn(some_delta(i));
  a.deliver();
  CHECK(b.peer(a.id()).accepted == 40);
  CHECK(b.peer(a.id()).refused == 0);
  CHECK(b.peer(a.id()).last_sequence == 40);
}

TEST_CASE("an acknowledgement that was lost does no harm: the peer knows the delta") {
  federated_node a, b;
  a.befriend(b);
  a.learn();
  a.deliver();
  {
    sqlite::connection c(a.state.path / "ratchet.db");  // as if a had been killed before noting it
    c.execute("UPDATE deliveries SET outcome = 'pending'");
  }
  a.deliver();
  CHECK(a.peer(b.id()).pending == 0);
  CHECK(a.peer(b.id()).rejected == 0);
  CHECK(b.peer(a.id()).accepted == 1);
  CHECK(b.peer(a.id()).refused == 0);
}

TEST_CASE("a peer that is not there is called after 10 s, 20 s … and told all when it is back") {
  federated_node a, b;
  a.befriend(b);
  b.server = nullptr;
  a.learn();
  std::int64_t wait = 0;
  for (int failures = 1; failures <= 7; ++failures) {
    a.deliver();
    CAPTURE(failures);
    CHECK(a.peer(b.id()).failures == failures);
    wait = a.peer(b.id()).next_attempt_ms - a.clock->now_ms();
    CHECK(wait == delivery_backoff_ms(failures));
    CHECK(a.peer(b.id()).last_error.find("nothing can be reached") == 0);
    a.clock->time_ms += wait - 1;
    a.deliver();
    CHECK(a.peer(b.id()).failures == failures);  // not yet
    a.clock->time_ms += 1;
  }
  a.clock->time_ms -= 1;
  b.clock->time_ms = a.clock->now_ms();
  b.listen();
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).pending == 2);
  a.clock->time_ms += 1;
  a.deliver();
  CHECK(a.peer(b.id()).pending == 0);
  CHECK(a.peer(b.id()).failures == 0);
  CHECK(a.peer(b.id()).last_error.empty());
  CHECK(b.peer(a.id()).accepted == 2);
}

TEST_CASE("a clock that is set back delays no delivery until the hour that it had shown") {
  federated_node a, b;
  a.befriend(b);
  const auto right = a.clock->now_ms();
  a.clock->time_ms += 2 * 3'600'000;
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).pending == 1);  // b finds it two hours too new
  CHECK(a.peer(b.id()).next_attempt_ms > right + 2 * 3'600'000);
  a.clock->time_ms = right;
  a.deliver();
  CHECK(a.peer(b.id()).pending == 0);
  CHECK(b.peer(a.id()).accepted == 1);
}

TEST_CASE("a peer that does not answer delays no other") {
  federated_node a, b, deaf;
  a.befriend(b);
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  a.add(deaf.id(), "127.0.0.1:" + std::to_string(silent.local_endpoint().port()));
  a.learn();
  {
    federation::delivery d(a.state.path, a.known, a.clock, a.quick());
    d.deliver_soon();
    while (a.peer(b.id()).delivered == 0) std::this_thread::yield();
    CHECK(a.peer(deaf.id()).pending == 1);
    CHECK(a.peer(deaf.id()).failures == 0);  // still waiting for it
  }
  CHECK(a.peer(deaf.id()).failures == 1);
  CHECK(a.peer(deaf.id()).last_error == "this program ended before the peer had answered");
}

TEST_CASE("a peer that says nothing after the handshake is given up") {
  federated_node a, b;
  a.befriend(b);
  b.server = nullptr;
  loop_thread loop;
  std::promise<net::secure_connection> taken;
  net::listener_options options;
  options.at = {"127.0.0.1", b.port};
  options.protocols = {std::string(net::peer_protocol)};
  auto listener = net::tls_listener::open(
      loop.context(), b.key, options, [](auto, const auto&, const auto&) { return true; },
      [&](net::secure_connection c) { taken.set_value(std::move(c)); });
  REQUIRE(listener);
  a.learn();
  auto impatient = a.quick();
  impatient.patience.answer = std::chrono::milliseconds(50);
  a.deliver(impatient);
  CHECK(a.peer(b.id()).failures == 1);
  CHECK(a.peer(b.id()).last_error.find("said nothing in time") != std::string::npos);
  loop.stop();
}

TEST_CASE("a peer behind whose address there is another key is not told a word") {
  federated_node a, b, impostor;
  a.add(b.id(), impostor.address());
  impostor.add(a.id(), "");
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).delivered == 0);
  CHECK(a.peer(b.id()).last_error.find("another key") != std::string::npos);
  CHECK(impostor.peer(a.id()).accepted == 0);
}

TEST_CASE("a node that is no peer of the other is refused before it says anything") {
  federated_node a, b;
  a.add(b.id(), b.address());
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).failures == 1);
  CHECK(a.peer(b.id()).last_error.find("does not accept our key") != std::string::npos);
  CHECK(b.known->peers()->empty());
}

TEST_CASE("a clock that is two hours off is said, and the delta arrives once it is set") {
  federated_node a, b;
  a.befriend(b);
  a.learn();
  a.clock->time_ms -= 7'200'000;
  a.deliver();
  CHECK(b.peer(a.id()).accepted == 0);
  CHECK(b.peer(a.id()).refused == 1);
  CHECK(b.peer(a.id()).last_refusal.find("stale: it was signed 2 h ago") == 0);
  CHECK(a.peer(b.id()).pending == 1);
  CHECK(a.peer(b.id()).last_error.find("told later: stale") != std::string::npos);
  a.clock->time_ms = b.clock->now_ms();
  a.deliver();
  CHECK(b.peer(a.id()).accepted == 1);
  CHECK(a.peer(b.id()).pending == 0);
}

TEST_CASE(
    "a delta that the peer refuses for good is not sent again, and the session is not broadcast") {
  federated_node a, b, c;
  a.befriend(b);
  a.befriend(c);
  REQUIRE(a.store->write(
      {.session = session_record{"session", "completed", json::object(),
                                 json{{"federation_broadcast_enforced", false}}, false}}));
  {
    // b has seen a greater sequence of a: a was set back to an old backup.
    checked_delta later;
    later.node_id = a.id();
    later.sequence = 10;
    REQUIRE(*b.known->accept(later, b.clock->now_ms()));
  }
  a.learn();
  a.deliver();
  CHECK(a.peer(b.id()).rejected == 1);
  CHECK(a.peer(b.id()).last_rejection.find("replayed: ") == 0);
  CHECK(a.peer(b.id()).pending == 0);
  CHECK(a.peer(c.id()).delivered == 1);
  CHECK((**a.store->session("session")).state["federation_broadcast_enforced"] == false);
}

TEST_CASE("one process of a state directory tells the peers, and the next one when it has ended") {
  federated_node a, b;
  a.befriend(b);
  auto first = std::make_unique<federation::delivery>(a.state.path, a.known, a.clock, a.quick());
  first->deliver_soon();
  first->finish(long_enough);
  federation::delivery second(a.state.path, a.known, a.clock, a.quick());
  second.deliver_soon();
  second.finish(long_enough);
  a.learn();  // not told to either: the first finds it
  while (a.peer(b.id()).delivered == 0) std::this_thread::yield();
  first = nullptr;
  // It may have ended in the middle of a call, which is noted as one that failed: that passes.
  a.clock->time_ms += 60'000;
  a.learn();
  while (a.peer(b.id()).delivered == 1) std::this_thread::yield();
  CHECK(b.peer(a.id()).accepted == 2);
  CHECK(b.peer(a.id()).refused == 0);
}

TEST_CASE("a peer that is named while a process looks on is told without being asked for") {
  federated_node a, b;
  federation::delivery d(a.state.path, a.known, a.clock, a.quick());
  a.learn();
  d.deliver_soon();
  d.finish(long_enough);  // there is nobody yet
  a.befriend(b);
  while (a.peer(b.id()).delivered == 0) std::this_thread::yield();
  CHECK(b.peer(a.id()).accepted == 1);
}

TEST_CASE("a program that lives for a moment, and has nothing of its own to tell, calls nobody") {
  federated_node a, b;
  a.befriend(b);
  a.learn();
  {
    federation::delivery d(a.state.path, a.known, a.clock);
    d.start();
    d.finish(long_enough);
  }
  CHECK(a.peer(b.id()).pending == 1);
  CHECK(a.peer(b.id()).failures == 0);
}

TEST_CASE("a node without peers has neither a key nor a lock made for it") {
  scratch s;
  auto known = *open_federation(s.path);
  federation::delivery d(s.path, known, std::make_shared<fake_clock>());
  d.deliver_soon();
  d.finish(long_enough);
  CHECK(!std::filesystem::exists(s.path / "node"));
}

TEST_CASE("peers are told of peers where both owners want it, and called only while one does") {
  federated_node a, b, c;
  a.befriend(b);
  b.befriend(c);
  c.add(a.id(), a.address());
  REQUIRE(b.known->set({.exchange = true}));
  a.learn();
  a.deliver();
  CHECK(a.known->peers()->size() == 1);  // a does not ask
  REQUIRE(a.known->set({.exchange = true}));
  a.deliver();
  REQUIRE(a.known->peers()->size() == 2);
  CHECK(a.peer(c.id()).learned);
  CHECK(a.peer(c.id()).introduced_by == b.id());
  CHECK(a.peer(c.id()).address == c.address());
  CHECK(c.peer(a.id()).accepted == 0);
  a.learn();
  a.deliver();
  CHECK(c.peer(a.id()).accepted == 1);
  REQUIRE(a.known->set({.exchange = false}));
  a.learn();
  a.deliver();
  CHECK(c.peer(a.id()).accepted == 1);
  CHECK(b.peer(a.id()).accepted == 3);
}

TEST_CASE("a clock that is set back delays no exchange of peers until the hour that it had shown") {
  federated_node a, b, c;
  a.befriend(b);
  REQUIRE(a.known->set({.exchange = true}));
  REQUIRE(b.known->set({.exchange = true}));
  const auto right = a.clock->now_ms();
  a.clock->time_ms += 2 * 3'600'000;
  federation::delivery d(a.state.path, a.known, a.clock, a.quick());
  auto exchange = [&d] {
    d.deliver_soon();
    d.finish(long_enough);
  };
  exchange();
  b.befriend(c);
  exchange();
  CHECK(a.known->peers()->size() == 1);  // once an hour is enough
  a.clock->time_ms = right;
  exchange();
  CHECK(a.known->peers()->size() == 2);
}

TEST_CASE("recipes travel with the delta and are kept apart, with the node they are from") {
  federated_node a, b;
  a.befriend(b);
  recipe won;
  won.session_id = "0123456789ab";
  won.iteration = 4;
  won.metric_name = "score";
  won.target_file = "a.py";
  won.changes = json::parse(R"([{"path": "a.py", "search": "1\n", "replace": "2\n"}])");
  auto delta = some_delta();
  delta["recipes"] = json::array({won});
  a.learn(delta);
  a.deliver();
  auto received = b.known->received_recipes(10);
  REQUIRE(received->size() == 1);
  CHECK(received->front().node_id == a.id());
  CHECK(json(received->front().what) == json(won));
  CHECK(b.store->recipes(10)->empty());
}
