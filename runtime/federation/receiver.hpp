// SPDX-License-Identifier: MIT
//
// The listening side of federation: takes connections of peers whose keys were proved, reads their
// deltas, checks each (actors/logic/delta_checks.hpp), keeps what is fit, and says so. Whatever a
// peer sends, it costs it more than this node, and no other peer waits for it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "actors/ports/clock_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::federation {

struct receiver_limits {
  std::size_t connections = 64;
  std::size_t connections_per_peer = 4;
  std::chrono::milliseconds hello{10'000};  ///< from the handshake to the first message
  std::chrono::milliseconds idle{60'000};   ///< between two messages
  std::chrono::milliseconds write{10'000};
  double messages_per_second = 20;  ///< of one peer, once `message_burst` is used up
  double message_burst = 100;
  double bytes_per_second = 1 << 20;
  double byte_burst = 4 << 20;
  delta_limits deltas;
};

/// All but the constructor on the loop's thread, or after it has stopped. The disk is worked on by
/// a thread of its own.
class receiver {
 public:
  receiver(boost::asio::io_context& loop, std::string own_id,
           std::shared_ptr<federation_port> federation, std::shared_ptr<clock_port> clock,
           const receiver_limits& limits = {});
  /// Closes every connection.
  ~receiver();
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;

  /// Whether this node is a peer in use: asked in its handshake. Reads the store.
  bool may_connect(const std::string& node_id) const;
  /// A connection that speaks "ratchet-peer/1".
  void take(net::secure_connection connection);
  std::size_t connections() const;

 private:
  class conversation;
  struct parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace ratchet::federation
