// SPDX-License-Identifier: MIT
//
// A subscription at a node on another machine that outlives its connections: events come in order,
// each once, whatever breaks. When the connection or the node's event_hub ends, it subscribes again
// after the last event that it has handed on, at once and then ever more slowly (doubling from
// `first_pause` to `longest_pause`).
#pragma once

#include <functional>
#include <memory>

#include "messages/events.hpp"
#include "runtime/net/remote_node.hpp"

namespace ratchet::net {

class remote_events {
 public:
  static constexpr std::chrono::milliseconds first_pause{100};
  static constexpr std::chrono::milliseconds longest_pause{10'000};

  /// All are called from one thread.
  struct hooks {
    /// One event. A slow one delays only this subscription.
    std::function<void(const event&)> deliver;
    /// Each time that the node has taken the subscription: what it had stored by then.
    std::function<void(const subscribed&)> taken;
    /// Each time that the connection could not be made or has ended. False: do not try again.
    std::function<bool(const failure&)> interrupted;
  };

  /// `node` must outlive it. No hook is called from here.
  remote_events(remote_node& node, subscription wanted, hooks told);
  /// No hook is called afterwards; not to be called from one.
  ~remote_events();
  remote_events(const remote_events&) = delete;
  remote_events& operator=(const remote_events&) = delete;

 private:
  class follower;
  std::unique_ptr<follower> follower_;
};

}  // namespace ratchet::net
