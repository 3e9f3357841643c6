// SPDX-License-Identifier: MIT
//
// Where `ratchet show` and `report` read sessions: this machine's store, or a node's that was
// joined.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/progress.hpp"
#include "runtime/cli/commands.hpp"

namespace ratchet::cli {

class session_source {
 public:
  virtual ~session_source() = default;
  virtual expected<progress> session(const std::string& id) = 0;
  /// Ascending.
  virtual expected<std::vector<iteration_record>> iterations(const std::string& id) = 0;
  virtual expected<std::optional<iteration_record>> iteration(const std::string& id,
                                                              int number) = 0;
  /// JSON text; nothing when there is none yet.
  virtual expected<std::optional<std::string>> report(const progress& session) = 0;
  /// Whether the paths that are told are of this machine.
  virtual bool at_home() const = 0;
};

/// By `context.join` and `context.state_dir`.
expected<std::unique_ptr<session_source>> open_sessions_of(const command_context& context);

/// The failure that an error answer tells of.
failure failure_in(const json& answer);
bool is_error(const json& answer);

}  // namespace ratchet::cli
