// SPDX-License-Identifier: MIT
//
// What was kept, for those who come later: winning edits, and the metrics after each of them. Both
// are written with the step that keeps (sessions_port).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/records.hpp"

namespace ratchet {

class recipes_port {
 public:
  virtual ~recipes_port() = default;

  virtual expected<std::vector<recipe>> recipes(std::size_t limit) = 0;  ///< newest first
  virtual expected<std::optional<snapshot>> latest_snapshot(const std::string& experiment_key) = 0;
};

}  // namespace ratchet
