// SPDX-License-Identifier: MIT
//
// Sessions and their iterations, as they outlive the process. None of the ports to the store
// throws; all block until what they write is safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/records.hpp"

namespace ratchet {

class sessions_port {
 public:
  virtual ~sessions_port() = default;

  /// All that a step leaves behind, in one transaction: its events can be read through events_port
  /// and what was kept through recipes_port once this has returned. Gives the events with their
  /// seq.
  virtual expected<std::vector<event>> write(const step_write& step) = 0;

  virtual expected<std::optional<session_record>> session(const std::string& session_id) = 0;
  /// Newest first. With `statuses` empty: every session.
  virtual expected<std::vector<session_record>> sessions(const std::vector<std::string>& statuses,
                                                         std::size_t limit) = 0;
  virtual expected<std::map<std::string, std::int64_t>> sessions_by_status() = 0;
  /// Sessions with a step that was begun and never answered.
  virtual expected<std::vector<session_record>> interrupted_sessions() = 0;

  /// By iteration number, ascending; `last` > 0 gives only the last so many.
  virtual expected<std::vector<iteration_record>> iterations(const std::string& session_id,
                                                             std::size_t last) = 0;
  /// By iteration number, ascending, beginning with `first`: at most `limit`.
  virtual expected<std::vector<iteration_record>> iterations_from(const std::string& session_id,
                                                                  int first, std::size_t limit) = 0;
  virtual expected<std::optional<iteration_record>> iteration(const std::string& session_id,
                                                              int iteration) = 0;
  /// Those that no step has taken yet, oldest first.
  virtual expected<std::vector<session_wish>> wishes(const std::string& session_id) = 0;
  /// What the other sessions of an experiment learnt, of the newest sessions first: each lesson
  /// once, ≤ 10.
  virtual expected<std::vector<std::string>> experiment_lessons(const std::string& experiment_id,
                                                                const std::string& but_session) = 0;
  /// The last iteration whose candidate was this tree; nothing when none was. The tree "" is none.
  virtual expected<std::optional<iteration_record>> tried_as(const std::string& session_id,
                                                             const std::string& tree) = 0;
};

}  // namespace ratchet
