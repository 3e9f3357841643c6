// SPDX-License-Identifier: MIT
//
// What is left to read when a session is over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/records.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Writes `<state>/reports/<id>.json`, `results.tsv` and `progress.svg` beside it, atomically;
/// returns the path of the first.
class report_port {
 public:
  virtual ~report_port() = default;
  virtual expected<std::string> write(const std::string& session_id, const json& session,
                                      const session_settings& settings,
                                      const std::vector<iteration_record>& results,
                                      const json& extra) = 0;
  /// The text that write() left; nothing when there is none.
  virtual expected<std::optional<std::string>> read(const std::string& session_id) = 0;
};

}  // namespace ratchet
