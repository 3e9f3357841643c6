// SPDX-License-Identifier: MIT
//
// What time it is.
#pragma once

#include <cstdint>

namespace ratchet {

/// Wall-clock time, only for what people and files see. Durations come from the actor's clock.
class clock_port {
 public:
  virtual ~clock_port() = default;
  /// Milliseconds since 1970-01-01T00:00:00Z.
  virtual std::int64_t now_ms() const = 0;
};

}  // namespace ratchet
