// SPDX-License-Identifier: MIT
//
// A relay between a real TLS connection and, in CAF's place, the end of a socket pair.
#include "runtime/net/relay.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "tests/runtime/net/captured_basp.hpp"
#include "tests/runtime/tls/tls_fixture.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;
namespace asio = boost::asio;

namespace {

struct relayed {
  explicit relayed(relay_limits limits = {}) {
    auto connected = node.connect(node.member);
    if (!connected) throw std::runtime_error(connected.error().text);
    peer = std::move(*connected);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket pair");
    caf = file_descriptor(ends[0]);
    auto accepted = std::make_shared<secure_connection>(node.taken.get());
    asio::post(node.loop.context(), [this, accepted, limits, end = ends[1]] {
      relay::start(std::move(*accepted), file_descriptor(end), basp_filter::sender::client, limits,
                   {nullptr, [this](const std::string& why) { ended.put(why); }});
    });
  }
  /// As much as the relay takes within 200 ms of the last byte, at most `limit`.
  std::size_t caf_says(const std::string& bytes, std::size_t limit) {
    std::size_t said = 0;
    while (said < limit) {
      pollfd writable{caf.get(), POLLOUT, 0};
      if (::poll(&writable, 1, 200) != 1) break;
      const auto n = ::send(caf.get(), bytes.data() + said % bytes.size(),
                            bytes.size() - said % bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n <= 0) break;
      said += static_cast<std::size_t>(n);
    }
    return said;
  }
  std::string caf_hears(std::size_t count) {
    std::string heard(count, '\0');
    std::size_t length = 0;
    while (length < count) {
      const auto n = ::read(caf.get(), heard.data() + length, count - length);
      if (n <= 0) break;
      length += static_cast<std::size_t>(n);
    }
    heard.resize(length);
    return heard;
  }

  handed_over<std::string> ended;  // outlives the loop that puts something into it
  served_node node;
  secure_connection peer;
  file_descriptor caf;
};

/// A message of 1 MiB.
std::string large_message() {
  return bytes_of("0200000000100000000000000000000000000000000000010000000000000001") +
         std::string(1 << 20, 'x');
}

}  // namespace

TEST_CASE("both directions pass what CAF says, unchanged") {
  relayed r;
  const auto server = captured_server(), client = captured_client();
  CHECK(r.caf_says(server, server.size()) == server.size());
  std::string heard(server.size(), '\0');
  asio::read(*r.peer.stream, asio::buffer(heard));
  CHECK(heard == server);
  asio::write(*r.peer.stream, asio::buffer(client));
  CHECK(r.caf_hears(client.size()) == client);
}

TEST_CASE("a message of megabytes passes whole") {
  relayed r;
  const auto greeting = captured_client().substr(0, 128);
  const auto message = large_message();
  std::thread says([&] {
    asio::write(*r.peer.stream, asio::buffer(greeting));
    asio::write(*r.peer.stream, asio::buffer(message));
  });
  CHECK(r.caf_hears(greeting.size()) == greeting);
  CHECK(r.caf_hears(message.size()) == message);
  says.join();
}

TEST_CASE("a peer that takes nothing holds its sender back, and is let go after a while") {
  relayed r({.stall = std::chrono::milliseconds(1500)});
  const auto greeting = captured_server().substr(0, 134);
  REQUIRE(r.caf_says(greeting, greeting.size()) == greeting.size());
  const auto message = large_message();
  const auto taken = r.caf_says(message, 200u << 20);
  CHECK(taken < (64u << 20));  // what the sockets' own buffers hold
  std::thread caf_closes([&] {
    std::array<char, 64> bytes{};
    while (::read(r.caf.get(), bytes.data(), bytes.size()) > 0) {
    }
    r.caf.close();
  });
  CHECK(r.ended.get() == "the other side takes nothing any more");
  caf_closes.join();
}

TEST_CASE("who asks without reading is not read any more") {
  relayed r({.stall = std::chrono::seconds(30)});
  const auto greeting = captured_server().substr(0, 134);
  REQUIRE(r.caf_says(greeting, greeting.size()) == greeting.size());
  asio::write(*r.peer.stream, asio::buffer(captured_client().substr(0, 128)));
  CHECK(r.caf_hears(128).size() == 128);
  r.caf_says(large_message(), 200u << 20);  // until nothing moves
  // The peer goes on asking; of that, no more than one read arrives.
  const auto heartbeat =
      bytes_of("0600000000000000000000000000000000000000000000000000000000000000");
  std::string many;
  for (int i = 0; i < 8192; ++i) many += heartbeat;
  r.peer.stream->next_layer().non_blocking(true);
  boost::system::error_code error;
  for (int i = 0; i < 400 && !error; ++i) asio::write(*r.peer.stream, asio::buffer(many), error);
  CHECK(error == asio::error::would_block);
  std::size_t arrived = 0;
  std::array<char, 65536> bytes{};
  pollfd readable{r.caf.get(), POLLIN, 0};
  while (::poll(&readable, 1, 200) == 1) {
    const auto n = ::read(r.caf.get(), bytes.data(), bytes.size());
    if (n <= 0) break;
    arrived += static_cast<std::size_t>(n);
  }
  CHECK(arrived <= (64u << 10));
}

TEST_CASE("a member that sends more messages than anybody needs is read slowly, and loses none") {
  relayed r({.messages_per_second = 10'000, .message_burst = 100});
  const auto greeting = captured_client().substr(0, 128);
  const auto heartbeat =
      bytes_of("0600000000000000000000000000000000000000000000000000000000000000");
  std::string many = greeting;
  // What has been read passes; each further read waits until the messages before it are paid for.
  constexpr int chunks = 4, in_a_chunk = (64 << 10) / 32;
  for (int i = 0; i < chunks * in_a_chunk; ++i) many += heartbeat;
  const auto began = std::chrono::steady_clock::now();
  std::thread says([&] { asio::write(*r.peer.stream, asio::buffer(many)); });
  CHECK(r.caf_hears(many.size()) == many);
  says.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  // (TLS hands over 16 KiB at a time.)
  CHECK(took.count() > ((chunks - 1) * in_a_chunk - 100) / 10'000.0);
}

TEST_CASE("it ends when CAF does, when the peer does, and says so") {
  {
    relayed r;
    r.caf.close();
    CHECK(r.ended.get() == "the other side closed the connection");
  }
  relayed r;
  r.peer = {};
  CHECK(r.caf_hears(1).empty());
  r.caf.close();
  CHECK(r.ended.get() != "");
}

TEST_CASE("a byte that may not pass ends it before it has passed") {
  relayed r;
  asio::write(*r.peer.stream, asio::buffer(std::string(32, '\1')));
  CHECK(r.caf_hears(1).empty());
  r.caf.close();
  CHECK(r.ended.get().find("what may not pass") != std::string::npos);
}
