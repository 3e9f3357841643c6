// SPDX-License-Identifier: MIT
#include "runtime/tls/pinned_tls.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <random>
#include <thread>

#include "tests/runtime/tls/tls_fixture.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;
namespace asio = boost::asio;
using asio::ip::tcp;

TEST_CASE("two keys that know each other talk, and each knows whom with") {
  served_node node;
  auto mine = node.connect(node.member);
  REQUIRE(mine);
  auto theirs = node.taken.get();
  CHECK(mine->peer == node.key.node_id());
  CHECK(theirs.peer == node.member.node_id());
  CHECK(mine->protocol == "ratchet-cluster/1");
  CHECK(theirs.protocol == "ratchet-cluster/1");
  CHECK(node.listener->connections() == 1);
  asio::write(*theirs.stream, asio::buffer("hello", 5));
  std::array<char, 5> got{};
  asio::read(*mine->stream, asio::buffer(got));
  CHECK(std::string(got.data(), 5) == "hello");
  CHECK(SSL_version(mine->stream->native_handle()) == TLS1_3_VERSION);
  theirs = {};
  CHECK(node.listener->connections() == 0);
}

TEST_CASE("a key that the node does not know is refused, and told so") {
  served_node node;
  auto stranger = node.connect(node_key::generate());
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == errc::invalid_argument);
  CHECK(stranger.error().text.find("does not accept our key") != std::string::npos);
  CHECK(node.connections_taken == 0);
}

TEST_CASE("a node with another key than expected is not talked to") {
  served_node node;
  auto other = node.connect(node.member, node_key::generate().node_id());
  REQUIRE_FALSE(other);
  CHECK(other.error().text.find("another key") != std::string::npos);
  CHECK(node.connections_taken == 0);
}

TEST_CASE("a protocol that is not served is refused") {
  served_node node;
  auto other = node.connect(node.member, node.key.node_id(), peer_protocol);
  CHECK_FALSE(other);
  CHECK(node.connections_taken == 0);
}

TEST_CASE("a client without a certificate, or with TLS 1.2, is refused") {
  served_node node;
  auto shake_hands = [&](auto prepare) {
    asio::io_context loop;
    asio::ssl::context context(asio::ssl::context::tls);
    prepare(context.native_handle());
    asio::ssl::stream<tcp::socket> stream(loop, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), node.listener->port()});
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::client, error);
    std::array<char, 1> byte{};
    if (!error) asio::read(stream, asio::buffer(byte), error);
    return error;
  };
  const auto* alpn = reinterpret_cast<const unsigned char*>("\x11ratchet-cluster/1");
  CHECK(shake_hands([&](SSL_CTX* c) { SSL_CTX_set_alpn_protos(c, alpn, 18); }));
  CHECK(shake_hands([&](SSL_CTX* c) {
    SSL_CTX_set_alpn_protos(c, alpn, 18);
    SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
  }));
  CHECK(node.connections_taken == 0);
  CHECK(node.connect(node.member));
}

TEST_CASE("a connection that says nothing ends at the handshake's deadline") {
  served_node node({.handshake_deadline = std::chrono::milliseconds(100)});
  asio::io_context loop;
  tcp::socket silent(loop);
  silent.connect({asio::ip::address_v4::loopback(), node.listener->port()});
  std::array<char, 16> bytes{};
  boost::system::error_code error;
  silent.read_some(asio::buffer(bytes), error);  // until the node closes it
  CHECK(error);
  CHECK(node.connect(node.member));
}

TEST_CASE("where silent connections hold every place, the oldest makes room for who speaks") {
  served_node node({.handshake_deadline = std::chrono::minutes(5),
                    .limits = {.handshakes = 3, .handshakes_per_address = 100}});
  asio::io_context loop;
  std::vector<tcp::socket> silent;
  for (int i = 0; i < 3; ++i) {
    silent.emplace_back(loop);
    silent.back().connect({asio::ip::address_v4::loopback(), node.listener->port()});
  }
  while (node.listener->handshakes() < 3) std::this_thread::yield();
  CHECK(node.connect(node.member));
  std::array<char, 16> bytes{};
  boost::system::error_code error;
  silent.front().read_some(asio::buffer(bytes), error);
  CHECK(error);  // the others are left alone
  silent.back().non_blocking(true);
  silent.back().read_some(asio::buffer(bytes), error);
  CHECK(error == asio::error::would_block);
}

TEST_CASE("random bytes in place of a handshake do no harm") {
  served_node node;
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    asio::io_context loop;
    tcp::socket socket(loop);
    socket.connect({asio::ip::address_v4::loopback(), node.listener->port()});
    std::string noise(random() % 5000 + 1, '\0');
    for (auto& c : noise) c = static_cast<char>(random());
    if (i % 3 == 0 && noise.size() > 5) noise.replace(0, 3, "\x16\x03\x01");  // like a TLS record
    boost::system::error_code error;
    asio::write(socket, asio::buffer(noise), error);
    if (i % 2 == 0) continue;  // gone at once
    socket.shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 64> bytes{};
    while (!error) socket.read_some(asio::buffer(bytes), error);
  }
  CHECK(node.connections_taken == 0);
  CHECK(node.connect(node.member));
}

TEST_CASE("connections beyond the limit are turned away, and let in again when one has ended") {
  served_node node({.limits = {.connections = 2}});
  auto first = node.connect(node.member);
  auto kept = node.taken.get();
  auto second = node.connect(node.member);
  auto kept_too = node.taken.get();
  REQUIRE(first);
  REQUIRE(second);
  auto third = node.connect(node.member);
  REQUIRE_FALSE(third);
  CHECK(third.error().text.find("too many") != std::string::npos);
  kept = {};
  CHECK(node.connect(node.member));
}

TEST_CASE("a connection to nobody fails with what to do") {
  loop_thread loop;
  std::promise<expected<secure_connection>> done;
  std::uint16_t free_port = 0;
  {
    tcp::acceptor taken(loop.context(), {asio::ip::address_v4::loopback(), 0});
    free_port = taken.local_endpoint().port();
  }
  connect_tls(loop.context(), node_key::generate(), {"127.0.0.1", free_port},
              node_key::generate().node_id(), cluster_protocol, std::chrono::seconds(20),
              [&](expected<secure_connection> c) { done.set_value(std::move(c)); });
  auto nobody = done.get_future().get();
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == errc::worker_lost);
  CHECK(nobody.error().text.find("is `ratchet node` running") != std::string::npos);
}

TEST_CASE("one that accepts and says nothing is given up at the deadline") {
  loop_thread loop;
  tcp::acceptor silent(loop.context(), {asio::ip::address_v4::loopback(), 0});
  std::promise<expected<secure_connection>> done;
  connect_tls(loop.context(), node_key::generate(), {"127.0.0.1", silent.local_endpoint().port()},
              node_key::generate().node_id(), cluster_protocol, std::chrono::milliseconds(100),
              [&](expected<secure_connection> c) { done.set_value(std::move(c)); });
  auto late = done.get_future().get();
  REQUIRE_FALSE(late);
  CHECK(late.error().code == errc::timed_out);
}

TEST_CASE("addresses are read as people write them") {
  CHECK(endpoint_name::parse("127.0.0.1:7717")->port == 7717);
  CHECK(endpoint_name::parse("[::1]:1")->host == "::1");
  CHECK(endpoint_name::parse("lab.example:80")->text() == "lab.example:80");
  CHECK(endpoint_name::parse("[::1]:1")->text() == "[::1]:1");
  for (const auto* bad : {"", "host", ":1", "host:", "host:x", "host:70000", "::1:5", "host:1x"})
    CHECK_FALSE(endpoint_name::parse(bad));
}
