// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

#include "actors/ports/clock_port.hpp"

namespace ratchet {

/// Milliseconds since 1970-01-01T00:00:00Z, for what people and files see.
inline std::int64_t wall_clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class wall_clock final : public clock_port {
 public:
  std::int64_t now_ms() const override { return wall_clock_ms(); }
};

}  // namespace ratchet
