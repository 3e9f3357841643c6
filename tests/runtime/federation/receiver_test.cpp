// SPDX-License-Identifier: MIT
//
// What a peer, or a stranger, may send without harm.
#include <doctest/doctest.h>

#include <random>

#include "actors/logic/hex.hpp"
#include "tests/runtime/federation/federated_node.hpp"

using namespace ratchet;
using namespace ratchet::testing;
namespace asio = boost::asio;

namespace {

std::string header_of(std::uint32_t length) {
  std::string bytes;
  for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(length >> shift & 0xff);
  return bytes;
}

/// An honest peer is served whatever the rude one did.
void check_others_are_served(federated_node& node) {
  federated_node honest;
  honest.befriend(node);
  honest.learn();
  honest.deliver();
  CHECK(node.peer(honest.id()).accepted == 1);
}

}  // namespace

TEST_CASE("a delta sent twice is acknowledged twice and counted once; an older one is refused") {
  federated_node node;
  const auto now = node.clock->now_ms();
  rude_peer peer(node);
  REQUIRE(peer.greet());
  CHECK(peer.told(peer.envelope(some_delta(), 3, now)) == "accepted");
  auto again = peer.tell(peer.envelope(some_delta(), 3, now + 5));
  CHECK(again["accepted"] == true);
  CHECK(again["repeated"] == true);
  CHECK(peer.told(peer.envelope(some_delta(9), 3, now)) == "replayed");
  CHECK(peer.told(peer.envelope(some_delta(), 2, now)) == "replayed");
  CHECK(peer.told(peer.envelope(some_delta(), 4, now)) == "accepted");
  CHECK(peer.standing().accepted == 2);
  CHECK(peer.standing().refused == 2);
  CHECK(node.known->votes("autoresearch")->size() == 1);
}

TEST_CASE("a forged signature, another's name, a skewed clock and a wild claim are refused") {
  federated_node node;
  const auto now = node.clock->now_ms();
  rude_peer peer(node), other(node);
  REQUIRE(peer.greet());
  auto forged = peer.envelope(some_delta(), 1, now);
  forged["signature"] = to_hex(other.key.sign("something"));
  CHECK(peer.told(forged) == "signature");
  auto changed = peer.envelope(some_delta(), 1, now);
  changed["autoresearch"]["best"] = 1000;
  CHECK(peer.told(changed) == "signature");
  CHECK(peer.told(other.envelope(some_delta(), 1, now)) == "not_the_sender");
  CHECK(peer.told(peer.envelope(some_delta(), 1, now - 7'200'000)) == "stale");
  CHECK(peer.told(peer.envelope(some_delta(), 1, now + 7'200'000)) == "stale");
  CHECK(peer.told(peer.envelope(some_delta(2, 1'000'000'000), 1, now)) == "implausible");
  CHECK(peer.standing().refused == 6);
  CHECK(peer.standing().last_refusal.find("implausible: coding_benchmarks") == 0);
  CHECK(node.known->votes("autoresearch")->empty());
  CHECK(peer.told(peer.envelope(some_delta(), 1, now)) == "accepted");
}

TEST_CASE("NaN, broken JSON and JSON that is too deep end the connection, with the reason") {
  const std::pair<std::string, const char*> bad[] = {
      {R"({"type": "delta", "delta": {"version": 1, "autoresearch": {"best": NaN}}})", "not_json"},
      {"no json", "not_json"},
      {"\xff\xfe\0\1", "not_json"},
      {std::string(100'000, '['), "too_deep"},
      {R"({"type": "ack", "sequence": 1, "accepted": true})", "malformed"},
      {R"({"type": "hello", "protocol": 1})", "malformed"},
      {R"({"type": 5})", "malformed"},
  };
  for (const auto& [text, reason] : bad) {
    federated_node node;
    rude_peer peer(node);
    REQUIRE(peer.greet());
    peer.send_text(text);
    CHECK(peer.hear()["reason"] == reason);
    CHECK(peer.is_closed());
    CHECK(peer.standing().refused == 1);
  }
}

TEST_CASE("a frame that announces more than 1 MiB is not waited for") {
  federated_node node;
  for (std::uint32_t length : {0u, (1u << 20) + 1, 0x7fffffffu, 0xffffffffu}) {
    rude_peer peer(node);
    REQUIRE(peer.greet());
    peer.send(header_of(length));
    CHECK(peer.is_closed());
    while (peer.standing().refused == 0) std::this_thread::yield();
    CHECK(peer.standing().last_refusal.find("too_large") == 0);
  }
  check_others_are_served(node);
}

TEST_CASE("random bytes harm nobody, before the handshake and after it") {
  federated_node node;
  std::mt19937 random(3);
  auto noise = [&](std::size_t n) {
    std::string bytes(n, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    return bytes;
  };
  asio::io_context context;
  for (int i = 0; i < 50; ++i) {
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), node.port});
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(noise(1 + random() % 2000)), ignored);
  }
  rude_peer peer(node);
  for (int i = 0; i < 30; ++i) {
    REQUIRE(peer.greet());
    peer.send(i % 2 ? noise(1 + random() % 5000) : header_of(200) + noise(200));
    peer.send(std::string(1 << 20, 'x'));
    while (!peer.hear().is_null()) {
    }
  }
  check_others_are_served(node);
}

TEST_CASE("a thousand mutations of a sound delta are all refused") {
  federation::receiver_limits generous;
  generous.message_burst = 5000;
  generous.byte_burst = 1e9;
  federated_node node(generous);
  const auto now = node.clock->now_ms();
  rude_peer peer(node);
  REQUIRE(peer.greet());
  const auto text = json{{"type", "delta"}, {"delta", peer.envelope(some_delta(), 1, now)}}.dump();
  const auto begin = text.find("\"delta\":") + 9;
  std::mt19937 random(4);
  int refused = 0;
  while (refused < 1000) {
    auto bad = text;
    auto& c = bad[begin + random() % (bad.size() - begin - 2)];
    c = static_cast<char>(c ^ (1 << random() % 7));
    if (!json::accept(bad)) continue;  // would only be "not_json", and the end of the connection
    peer.send_text(bad);
    const auto ack = peer.hear();
    REQUIRE(!ack.is_null());
    CAPTURE(bad);
    REQUIRE(ack["accepted"] == false);
    ++refused;
  }
  CHECK(peer.standing().accepted == 0);
  CHECK(peer.standing().refused == refused);
}

TEST_CASE("a peer that says nothing, or stops in the middle, is let go of") {
  federation::receiver_limits hasty;
  hasty.hello = hasty.idle = std::chrono::milliseconds(50);
  federated_node node(hasty);
  rude_peer silent(node), halting(node);
  REQUIRE(silent.connect());
  CHECK(silent.is_closed());
  REQUIRE(halting.greet());
  halting.send(header_of(100).substr(0, 2));
  CHECK(halting.is_closed());
  CHECK(halting.standing().refused == 0);
}

TEST_CASE("who is no peer does not get past the handshake") {
  federated_node node;
  rude_peer peer(node);
  REQUIRE(*node.known->remove_peer(peer.key.node_id()));
  CHECK(!peer.connect());
  CHECK(node.known->peers()->empty());
}

TEST_CASE("a peer that is removed while it is connected is not believed any more") {
  federated_node node;
  const auto now = node.clock->now_ms();
  rude_peer peer(node);
  REQUIRE(peer.greet());
  CHECK(peer.told(peer.envelope(some_delta(), 1, now)) == "accepted");
  REQUIRE(*node.known->remove_peer(peer.key.node_id()));
  CHECK(peer.told(peer.envelope(some_delta(), 2, now)) == "unknown_peer");
}

TEST_CASE("a peer that talks too much is stopped, and others are served meanwhile") {
  federation::receiver_limits strict;
  strict.message_burst = 10;
  strict.messages_per_second = 0;
  federated_node node(strict);
  const auto now = node.clock->now_ms();
  rude_peer peer(node);
  REQUIRE(peer.greet());
  for (int i = 1; i <= 9; ++i) CHECK(peer.told(peer.envelope(some_delta(), i, now)) == "accepted");
  CHECK(peer.told(peer.envelope(some_delta(), 10, now)) == "rate");
  CHECK(peer.is_closed());
  REQUIRE(peer.connect());  // another connection is no way around it
  peer.say(federation::hello());
  CHECK(peer.hear()["reason"] == "rate");
  check_others_are_served(node);
}

TEST_CASE("no more than sixty deltas an hour are taken from a node") {
  federated_node node;
  const auto now = node.clock->now_ms();
  rude_peer peer(node);
  REQUIRE(peer.greet());
  for (int i = 1; i <= 60; ++i)
    REQUIRE(peer.told(peer.envelope(some_delta(), i, now)) == "accepted");
  CHECK(peer.told(peer.envelope(some_delta(), 61, now)) == "rate");
  node.clock->time_ms += 3'600'001;
  CHECK(peer.told(peer.envelope(some_delta(), 61, node.clock->now_ms())) == "accepted");
}

TEST_CASE("one peer cannot take all connections") {
  federated_node node;
  rude_peer greedy(node);
  std::vector<std::unique_ptr<loop_thread>> loops;
  std::vector<net::secure_connection> held;
  int refused = 0;
  for (int i = 0; i < 6; ++i) {
    loops.push_back(std::make_unique<loop_thread>());
    std::promise<expected<net::secure_connection>> done;
    net::connect_tls(loops.back()->context(), greedy.key, {"127.0.0.1", node.port}, node.id(),
                     net::peer_protocol, long_enough,
                     [&](expected<net::secure_connection> c) { done.set_value(std::move(c)); });
    auto made = done.get_future().get();
    REQUIRE(made);
    const auto frame = *federation::frame_of(federation::hello());
    boost::system::error_code error;
    asio::write(*made->stream, asio::buffer(frame), error);
    char byte = 0;
    asio::read(*made->stream, asio::buffer(&byte, 1), error);
    refused += error.failed();
    held.push_back(std::move(*made));
  }
  CHECK(refused == 2);
  check_others_are_served(node);
  for (auto& loop : loops) loop->stop();
  held.clear();
}

TEST_CASE("what a peer tells of peers is bounded, checked and never in use by itself") {
  federated_node node;
  rude_peer peer(node);
  REQUIRE(peer.greet());
  json list = json::array();
  list.push_back({{"node_id", std::string(64, 'c')}, {"address", "192.0.2.1:7718"}});
  list.push_back({{"node_id", node.id()}, {"address", "192.0.2.1:7718"}});
  list.push_back({{"node_id", "short"}, {"address", "192.0.2.1:7718"}});
  list.push_back({{"node_id", std::string(64, 'd')}, {"address", "no port"}});
  list.push_back({{"node_id", std::string(64, 'e')}, {"address", "a\x1b[31m:1"}});
  list.push_back(17);
  for (int i = 0; i < 200; ++i) {
    auto id = std::to_string(i);
    list.push_back({{"node_id", std::string(64 - id.size(), '0') + id}, {"address", "h:1"}});
  }
  peer.say({{"type", "peers"}, {"peers", list}});
  auto answer = peer.hear();
  CHECK(answer["type"] == "peers");
  CHECK(answer["peers"].empty());  // this owner exchanges none
  const auto peers = *node.known->peers();
  CHECK(peers.size() == 1 + federation::max_introductions);
  for (const auto& p : peers) {
    if (p.node_id == peer.key.node_id()) continue;
    CHECK(p.learned);
    CHECK(!p.in_use);
    CHECK(p.introduced_by == peer.key.node_id());
    CHECK(p.address.find(':') != std::string::npos);
  }
  peer.say({{"type", "peers"}, {"peers", json::array()}});  // once is enough
  CHECK(peer.hear()["reason"] == "malformed");
}
