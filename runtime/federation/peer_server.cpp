// SPDX-License-Identifier: MIT
#include "runtime/federation/peer_server.hpp"

namespace ratchet::federation {

namespace {
constexpr std::chrono::milliseconds handshake_patience{5'000};
}

expected<std::unique_ptr<peer_server>> peer_server::open(
    const net::node_key& own, const net::endpoint_name& at,
    std::shared_ptr<federation_port> federation, std::shared_ptr<clock_port> clock,
    const receiver_limits& limits) {
  std::unique_ptr<peer_server> server(new peer_server);
  auto& loop = server->loop_.context();
  server->receiver_ = std::make_unique<receiver>(loop, own.node_id(), std::move(federation),
                                                 std::move(clock), limits);
  auto* receiver = server->receiver_.get();
  net::listener_options options;
  options.at = at;
  options.protocols = {std::string(net::peer_protocol)};
  options.handshake_deadline = handshake_patience;
  options.limits.connections = limits.connections;
  auto listener = net::tls_listener::open(
      loop, own, options,
      [receiver](std::string_view, const std::string& id, const std::string&) {
        return receiver->may_connect(id);
      },
      [receiver](net::secure_connection c) { receiver->take(std::move(c)); });
  if (!listener) return listener.error();
  server->listener_ = std::move(*listener);
  return server;
}

peer_server::~peer_server() { loop_.stop(); }

}  // namespace ratchet::federation
