// SPDX-License-Identifier: MIT
//
// What happens at a tool_host, for listeners on the loop: as event_tail, where there is no store.
#pragma once

#include "runtime/embed/event_tail.hpp"
#include "runtime/embed/tool_host.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::mcp {

class host_events {
 public:
  explicit host_events(event_loop& loop);

  /// As event_tail::follow. `host` is followed from the first listener on, and must outlive this;
  /// nothing, and the log says why, while it cannot be reached.
  std::shared_ptr<void> follow(tool_host& host, heard_events heard);

 private:
  event_loop& loop_;
  std::shared_ptr<event_listeners> listeners_ =
      std::make_shared<event_listeners>();  ///< the loop's
  std::shared_ptr<void> following_;
};

}  // namespace ratchet::mcp
