// SPDX-License-Identifier: MIT
//
// One call at one peer: what waits for it is told, in order, each delta acknowledged before the
// next; then, where the owner exchanges peers, each side tells of those it knows.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "actors/ports/clock_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "runtime/federation/peer_link.hpp"

namespace ratchet::federation {

struct delivery_patience {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds answer{15'000};
};

class delivery_attempt : public std::enable_shared_from_this<delivery_attempt> {
 public:
  /// `ended` is called once, on the loop's thread: with what kept it from telling everything.
  delivery_attempt(boost::asio::io_context& loop, const net::node_key& own,
                   std::shared_ptr<federation_port> federation, std::shared_ptr<clock_port> clock,
                   peer_record peer, bool exchange, delivery_patience patience,
                   std::function<void(expected<>)> ended);

  void begin();
  /// Closes the connection; `ended` is not called any more.
  void stop();
  const peer_record& peer() const { return peer_; }

 private:
  void say_hello();
  void next();
  void tell(outbox_entry entry);
  void take_ack(const outbox_entry& entry, const json& message);
  void exchange_peers();
  /// Sends a message and gives the answer to `use`; fails the attempt where there is none.
  void ask(const json& message, std::function<void(const json&)> use);
  void finish(expected<> result);

  boost::asio::io_context& loop_;
  const net::node_key& own_;
  std::shared_ptr<federation_port> federation_;
  std::shared_ptr<clock_port> clock_;
  const peer_record peer_;
  const bool exchange_;
  const delivery_patience patience_;
  std::function<void(expected<>)> ended_;
  std::shared_ptr<peer_link> link_;
};

}  // namespace ratchet::federation
