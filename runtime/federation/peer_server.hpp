// SPDX-License-Identifier: MIT
//
// A receiver with a port of its own: what `ratchet node` opens for the peers of other owners, apart
// from the one for its own cluster.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "runtime/federation/receiver.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::federation {

class peer_server {
 public:
  /// Listens from now on, until it is destroyed. Fails with `invalid_argument` when the address
  /// cannot be listened on.
  static expected<std::unique_ptr<peer_server>> open(const net::node_key& own,
                                                     const net::endpoint_name& at,
                                                     std::shared_ptr<federation_port> federation,
                                                     std::shared_ptr<clock_port> clock,
                                                     const receiver_limits& limits = {});
  ~peer_server();
  peer_server(const peer_server&) = delete;
  peer_server& operator=(const peer_server&) = delete;

  std::uint16_t port() const { return listener_->port(); }

 private:
  peer_server() = default;
  loop_thread loop_;
  std::unique_ptr<receiver> receiver_;
  std::unique_ptr<net::tls_listener> listener_;
};

}  // namespace ratchet::federation
