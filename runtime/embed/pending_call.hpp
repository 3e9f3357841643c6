// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace ratchet {

/// A call of a tool that has begun, here or at a node.
struct pending_call {
  /// The session it speaks of, also while it is being set up; empty when there is none.
  std::string session_id;
  /// Ends the step that the call has begun; it is undone and the answer says `cancelled`. Once is
  /// enough, at any moment; does nothing when the call is answered. Never empty.
  std::function<void()> cancel = [] {};
};

}  // namespace ratchet
