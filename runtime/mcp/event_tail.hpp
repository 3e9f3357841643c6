// SPDX-License-Identifier: MIT
//
// What happens on a state directory, in whatever process: read from the store, which every process
// writes its events to before anybody hears of them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "actors/ports/store_port.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::mcp {

class event_tail {
 public:
  using listener = std::function<void(const std::vector<event>&)>;
  /// `store` gives the store, or nothing while it cannot be opened.
  event_tail(event_loop& loop, std::function<std::shared_ptr<store_port>()> store);

  /// Calls `heard` for all that happens from now on, in order, until the token is destroyed.
  std::shared_ptr<void> follow(listener heard);

 private:
  void look();

  event_loop& loop_;
  std::function<std::shared_ptr<store_port>()> store_;
  std::list<std::weak_ptr<listener>> listeners_;
  std::shared_ptr<void> timer_;
  std::int64_t seen_ = 0;
};

}  // namespace ratchet::mcp
