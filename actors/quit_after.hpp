// SPDX-License-Identifier: MIT
//
// A role ends after those that it has spawned: whoever sees it gone knows that they are, too.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "messages/caf_port.hpp"

namespace ratchet {

/// Tells `children` to end and quits once each has; at once when there are none. Takes the down
/// handler over: what else `self` watches is of no interest any more.
template <class Self>
void quit_after(Self* self, const std::vector<caf::actor>& children, const caf::error& why) {
  auto left = std::make_shared<std::set<caf::actor_addr>>();
  for (const auto& child : children)
    if (child) left->insert(child.address());
  if (left->empty()) return self->quit(why);
  self->set_down_handler([self, left, why](caf::down_msg& down) {
    left->erase(down.source);
    if (left->empty()) self->quit(why);
  });
  for (const auto& child : children) {
    if (!child) continue;
    self->monitor(child);
    self->send_exit(child, caf::exit_reason::user_shutdown);
  }
}

}  // namespace ratchet
