// SPDX-License-Identifier: MIT
//
// A node with its own state directory, key, clock and port on loopback; and a peer that says
// whatever a test wants it to say.
#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <stdexcept>

#include "actors/logic/delta_envelope.hpp"
#include "actors/logic/hex.hpp"
#include "runtime/federation/delivery.hpp"
#include "runtime/federation/peer_messages.hpp"
#include "runtime/federation/peer_server.hpp"
#include "runtime/store/federation_store.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

inline constexpr std::chrono::seconds long_enough{30};

/// A session's delta, as the broadcaster puts it into the outbox.
inline json some_delta(double best = 2, long long samples = 40) {
  return {
      {"version", 1},
      {"node_id", ""},
      {"time", "2023-11-14T22:13:20.000Z"},
      {"ts", 1.7e9},
      {"autoresearch",
       {{"session_id", "0123456789ab"},
        {"experiment_id", "exp"},
        {"metric_name", "score"},
        {"baseline", 1.0},
        {"best", best},
        {"total_improvements", 1},
        {"iterations", 5},
        {"constitutional_rejections", 0},
        {"baseline_rejections", 0}}},
      {"coding_benchmarks",
       {{"autoresearch",
         {{"mutate", {{"success_rate", 0.5}, {"avg_time_s", 1.25}, {"sample_count", samples}}}}}}}};
}

struct federated_node {
  explicit federated_node(const federation::receiver_limits& limits = {}) : limits(limits) {
    listen();
  }

  void listen() {
    auto opened = federation::peer_server::open(key, {"127.0.0.1", port}, known, clock, limits);
    if (!opened) throw std::runtime_error(opened.error().text);
    server = std::move(*opened);
    port = server->port();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  const std::string& id() const { return key.node_id(); }
  /// Each has the other as a peer.
  void befriend(federated_node& other) {
    add(other.id(), other.address());
    other.add(id(), address());
  }
  void add(const std::string& node_id, const std::string& where) {
    if (auto ok = known->add_peer(node_id, where, "", clock->now_ms()); !ok)
      throw std::runtime_error(ok.error().text);
  }
  std::int64_t learn(const json& delta = some_delta(), const std::string& session = "session") {
    return *known->add_to_outbox(session, delta, "now");
  }
  federation::delivery_options quick() const {
    federation::delivery_options o;
    o.look_interval = std::chrono::milliseconds(10);
    o.idle_interval = std::chrono::milliseconds(10);
    o.first_look = std::chrono::milliseconds(0);
    return o;
  }
  /// Tells the peers what waits, and waits for the end of it.
  void deliver() { deliver(quick()); }
  void deliver(const federation::delivery_options& options) {
    federation::delivery d(state.path, known, clock, options);
    d.deliver_soon();
    d.finish(long_enough);
  }
  peer_record peer(const std::string& node_id) const {
    auto found = known->peer(node_id);
    if (!found || !*found) throw std::runtime_error("no such peer");
    return **found;
  }

  scratch state;
  std::shared_ptr<fake_clock> clock = std::make_shared<fake_clock>();
  std::shared_ptr<whole_store> store = *open_store(state.path);
  std::shared_ptr<federation_port> known = *open_federation(state.path);
  const net::node_key key = *net::node_key::open(state.path);
  const federation::receiver_limits limits;
  std::uint16_t port = 0;
  std::unique_ptr<federation::peer_server> server;
};

/// A peer of a node, with a key of its own and no manners.
class rude_peer {
 public:
  explicit rude_peer(federated_node& node) : node_(node) { node.add(key.node_id(), ""); }
  ~rude_peer() { loop_.stop(); }

  bool connect() {
    std::promise<expected<net::secure_connection>> done;
    net::connect_tls(loop_.context(), key, {"127.0.0.1", node_.port}, node_.id(),
                     net::peer_protocol, long_enough,
                     [&](expected<net::secure_connection> c) { done.set_value(std::move(c)); });
    auto made = done.get_future().get();
    if (made) connection_ = std::move(*made);
    return made.has_value();
  }
  void send(std::string_view bytes) {
    boost::system::error_code ignored;  // the node may have had enough
    boost::asio::write(*connection_.stream, boost::asio::buffer(bytes.data(), bytes.size()),
                       ignored);
  }
  void send_text(std::string_view text) {
    std::string frame;
    for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(text.size() >> shift & 0xff);
    send(frame + std::string(text));
  }
  void say(const json& message) { send_text(message.dump()); }
  /// The next message; null when the node has closed the connection.
  json hear() {
    unsigned char header[4];
    boost::system::error_code error;
    boost::asio::read(*connection_.stream, boost::asio::buffer(header), error);
    if (error) return nullptr;
    std::string text(federation::announced_length(header), '\0');
    boost::asio::read(*connection_.stream, boost::asio::buffer(text), error);
    return error ? json(nullptr) : json::parse(text);
  }
  bool is_closed() { return hear().is_null(); }
  bool greet() {
    if (!connect()) return false;
    say(federation::hello());
    return federation::is_hello(hear());
  }
  json envelope(const json& delta, std::int64_t sequence, std::int64_t sent_ms) const {
    return *sealed_delta(delta, key.node_id(), sequence, sent_ms,
                         [this](std::string_view bytes) { return to_hex(key.sign(bytes)); });
  }
  json tell(const json& envelope) {
    say({{"type", "delta"}, {"delta", envelope}});
    return hear();
  }
  /// The reason of the ack, or "accepted".
  std::string told(const json& envelope) {
    auto ack = tell(envelope);
    if (ack.is_null()) return "closed";
    return ack["accepted"] == true ? "accepted" : ack["reason"].get<std::string>();
  }
  peer_record standing() const { return node_.peer(key.node_id()); }

  const net::node_key key = net::node_key::generate();

 private:
  federated_node& node_;
  loop_thread loop_;
  net::secure_connection connection_;
};

}  // namespace ratchet::testing
