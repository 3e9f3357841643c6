// SPDX-License-Identifier: MIT
//
// What happens on a state directory, in whatever process: read from the store, which every process
// writes its events to before anybody hears of them. The one reader of a process that serves agent
// hosts: MCP's changes of resources and the event feed of HTTP both listen here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "actors/logic/event_cursor.hpp"
#include "actors/ports/events_port.hpp"

namespace ratchet {

class event_loop;

using heard_events = std::function<void(const std::vector<event>&)>;

/// Those who are told of events, each until its token is destroyed; one that hears may end another,
/// or bring one more. On one thread.
class event_listeners {
 public:
  std::shared_ptr<void> add(heard_events heard);
  void tell(const std::vector<event>& events);
  /// Nobody has a token any more.
  bool gone();

 private:
  std::vector<std::weak_ptr<heard_events>> all_;
};

class event_tail {
 public:
  static constexpr std::chrono::milliseconds look_interval{20};

  /// `store` gives the store, or nothing while it cannot be opened. It is looked at while anybody
  /// listens.
  event_tail(event_loop& loop, std::function<std::shared_ptr<events_port>()> store);

  /// Calls `heard` for all that happens from now on (from when the store can first be read), in
  /// order, until the token is destroyed.
  std::shared_ptr<void> follow(heard_events heard);

  /// The seq up to which listeners have been told; -1 before the store could be read.
  std::int64_t head() const { return cursor_ ? cursor_->position() : -1; }
  /// Nothing while it cannot be opened.
  std::shared_ptr<events_port> store() const { return store_(); }

 private:
  void begin();
  void look();

  event_loop& loop_;
  std::function<std::shared_ptr<events_port>()> store_;
  event_listeners listeners_;
  std::shared_ptr<void> timer_;
  std::optional<event_cursor> cursor_;
};

}  // namespace ratchet
