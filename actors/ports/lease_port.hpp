// SPDX-License-Identifier: MIT
//
// One step at a time of a session, over all processes of the machine.
#pragma once

#include <memory>
#include <string>

#include "messages/failure.hpp"

namespace ratchet {

/// Held while a step runs, so that no two processes work on one session. Released by its end,
/// however it ends.
class session_lease {
 public:
  virtual ~session_lease() = default;
};

class lease_port {
 public:
  virtual ~lease_port() = default;
  /// `session_busy` when another process holds it.
  virtual expected<std::unique_ptr<session_lease>> acquire(const std::string& session_id) = 0;
};

}  // namespace ratchet
