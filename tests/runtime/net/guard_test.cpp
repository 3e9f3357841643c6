// SPDX-License-Identifier: MIT
#include "runtime/net/guard.hpp"

#include <doctest/doctest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "messages/type_ids.hpp"
#include "runtime/net/node_addresses.hpp"
#include "runtime/net/remote_node.hpp"
#include "tests/runtime/net/captured_basp.hpp"
#include "tests/runtime/net/guarded_node.hpp"
#include "tests/runtime/tls/tls_fixture.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;
namespace asio = boost::asio;

namespace {

constexpr std::size_t greeting_size = 128;  // both handshakes of the captured client

/// A member who speaks to the guard by hand.
struct raw_member {
  explicit raw_member(const guarded_node& node) : raw_member(node, node.laptop) {}
  raw_member(const guarded_node& node, const node_key& key) {
    std::promise<expected<secure_connection>> done;
    connect_tls(loop.context(), key, {"127.0.0.1", node.door->port()}, node.key.node_id(),
                cluster_protocol, std::chrono::seconds(20),
                [&](expected<secure_connection> c) { done.set_value(std::move(c)); });
    connection = must(done.get_future().get());
    // The streams' calls are made from here: the loop has nothing more to do with them.
  }
  ~raw_member() { loop.stop(); }

  void say(std::string_view bytes) {
    boost::system::error_code error;
    asio::write(*connection.stream, asio::buffer(bytes.data(), bytes.size()), error);
  }
  /// Reads until the node ends the connection.
  std::string hear_to_end() {
    std::string heard;
    std::array<char, 4096> bytes{};
    boost::system::error_code error;
    while (!error)
      heard.append(bytes.data(), connection.stream->read_some(asio::buffer(bytes), error));
    return heard;
  }
  std::string hear(std::size_t count) {
    std::string heard(count, '\0');
    asio::read(*connection.stream, asio::buffer(heard));
    return heard;
  }

  loop_thread loop;
  secure_connection connection;
};

guard_options many_connections() {
  guard_options options;
  options.listen.limits.burst = 100'000;
  return options;
}

bool still_serves(const guarded_node& node) {
  remote_node member(node.invite());
  return member.call("get_autoresearch_status", json::object()).contains("active_sessions");
}

std::string greeting_as(unsigned char caf_node) {
  auto greeting = captured_client().substr(0, greeting_size);
  greeting[60] = greeting[124] = static_cast<char>(caf_node);
  return greeting;
}

}  // namespace

TEST_CASE("a member calls tools of the node; its paths are the node's") {
  guarded_node node;
  remote_node member(node.invite());
  CHECK(member.call("get_autoresearch_status", json::object())["active_sessions"].empty());
  const auto refused =
      member.call("autoresearch_setup",
                  {{"repo_path", "/nowhere"}, {"target_file", "a.py"}, {"run_command", "true"}});
  CHECK(refused["code"] == "repository_refused");
  CHECK(member.call("autoresearch_edit", {{"session_id", "0123456789ab"}})["code"] ==
        "unknown_session");
  CHECK(member.call("no_such_tool", json::object())["code"] == "invalid_argument");
  CHECK(node.door->connections() == 1);
}

TEST_CASE("a member that is revoked is cut off while connected, and not let in again") {
  guarded_node node({.look_interval = std::chrono::milliseconds(20)});
  remote_node member(node.invite());
  REQUIRE(member.join());
  raw_member idle(node);
  REQUIRE(node.members.revoke("laptop", 1));
  idle.hear_to_end();
  while (member.join()) std::this_thread::yield();  // its end may take a moment to arrive
  CHECK(member.call("get_autoresearch_status", json::object())["error"].get<std::string>().find(
            "does not accept our key") != std::string::npos);
}

TEST_CASE("the owner comes in with the node's own key, by what the node has recorded") {
  guarded_node node;
  REQUIRE(record_addresses(node.state.path(), {"0.0.0.0", node.door->port()}));
  auto own = own_invitation(node.state.path());
  REQUIRE(own);
  CHECK(own->addresses.front().text() == "127.0.0.1:" + std::to_string(node.door->port()));
  remote_node owner(*own);
  CHECK(owner.call("get_autoresearch_status", json::object()).contains("active_sessions"));
  scratch_directory elsewhere;
  CHECK(own_invitation(elsewhere.path()).error().text.find("no node has run") != std::string::npos);
}

TEST_CASE("an invitation names no loopback where the node has another address") {
  scratch_directory state;
  REQUIRE(member_list::open(state.path()));  // makes the folder
  REQUIRE(record_addresses(state.path(), {"0.0.0.0", 7}));
  const auto found = recorded_addresses(state.path());
  REQUIRE_FALSE(found.empty());
  bool others = false;
  for (const auto& a : found) others = others || !is_loopback(a.host);
  for (const auto& a : found) CHECK((!others || !is_loopback(a.host)));
}

TEST_CASE("who is refused at one address is told so, whatever is at the others") {
  guarded_node node;
  auto stranger = node.invite(node_key::generate());
  // Nobody listens on the first and the last.
  stranger.addresses.insert(stranger.addresses.begin(), {"127.0.0.1", 1});
  stranger.addresses.push_back({"127.0.0.1", 2});
  auto refused = remote_node(stranger).join();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().text.find("does not accept our key") != std::string::npos);
}

TEST_CASE("a key that was never invited is refused in the handshake") {
  guarded_node node;
  remote_node stranger(node.invite(node_key::generate()));
  auto joined = stranger.join();
  REQUIRE_FALSE(joined);
  CHECK(joined.error().code == errc::invalid_argument);
  CHECK(node.door->connections() == 0);
}

TEST_CASE("what would crash CAF, or make it allocate gigabytes, ends that connection alone") {
  guarded_node node;
  std::mt19937 random(11);
  std::string noise(100'000, '\0');
  for (auto& c : noise) c = static_cast<char>(random());
  const auto greeting = captured_client().substr(0, greeting_size);
  const std::string huge = greeting + bytes_of(
                                          "02000000ffffffff000000000000000000000000000000010000"
                                          "000000000001");
  const std::vector<std::string> attacks{
      bytes_of("0100000000000000000000000000000000000000000000000000000000000000"),
      huge,
      noise,
      greeting + noise,
      captured_server(),
      greeting + greeting};
  const double before = resident_mib();
  for (int round = 0; round < 5; ++round)
    for (const auto& attack : attacks) {
      raw_member attacker(node);
      attacker.say(attack);
      attacker.hear_to_end();
    }
  CHECK(resident_mib() - before < 100);
  CHECK(still_serves(node));
}

TEST_CASE("a member that falls silent is let go, one that heartbeats is kept") {
  guarded_node node({.relays = {.silence = std::chrono::milliseconds(300)}});
  raw_member silent(node), alive(node);
  silent.hear(32);  // CAF's greeting
  const auto heartbeat =
      bytes_of("0600000000000000000000000000000000000000000000000000000000000000");
  alive.say(greeting_as(7));
  std::atomic<bool> ended{false};
  std::thread waits([&] {
    silent.hear_to_end();
    ended = true;
  });
  while (!ended) {
    alive.say(heartbeat);
    std::this_thread::yield();
  }
  waits.join();
  while (node.door->connections() > 1) std::this_thread::yield();
  CHECK(node.door->connections() == 1);
}

TEST_CASE("a node that comes again replaces its own older connection, and no other member's") {
  guarded_node node;
  const auto other = node_key::generate();
  REQUIRE(node.members.add({"other", other.node_id(), ""}));
  raw_member first(node);
  first.say(greeting_as(1));
  first.hear(32);
  raw_member neighbour(node, other);
  neighbour.say(greeting_as(2));
  raw_member second(node);
  second.say(greeting_as(1));
  first.hear_to_end();
  raw_member impostor(node, other);
  impostor.say(greeting_as(1));
  impostor.hear_to_end();
  while (node.door->connections() > 2) std::this_thread::yield();
  CHECK(node.door->connections() == 2);
  // The second is answered: CAF asks every node it meets for its spawn server.
  const auto answer = second.hear(102 + 32 + 32);
  CHECK(answer.size() == 166);
}

TEST_CASE("a torn connection gives no crash, whatever was being said") {
  guarded_node node(many_connections());
  const auto stream = captured_client();
  for (std::size_t cut = 1; cut < stream.size(); cut += 7) {
    raw_member torn(node);
    torn.say(stream.substr(0, cut));
  }
  CHECK(still_serves(node));
}

TEST_CASE("messages whose content is garbage do not end the node") {
  guarded_node node(many_connections());
  std::mt19937 random(23);
  const auto stream = captured_client();
  for (int round = 0; round < 300; ++round) {
    auto mutated = stream;
    for (int i = 0; i < 6; ++i) {
      // Anywhere but in a header, which the filter would refuse.
      auto at = greeting_size + 32 + random() % 45;
      if (random() % 2) at = greeting_size + 77 + 96 + 32 + random() % 83;
      mutated[at] = static_cast<char>(random());
    }
    raw_member peer(node);
    peer.say(mutated);
  }
  CHECK(still_serves(node));
}
