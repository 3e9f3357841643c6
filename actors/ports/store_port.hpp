// SPDX-License-Identifier: MIT
//
// What outlives the process. None throws; all block until what they write is safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/records.hpp"

namespace ratchet {

class store_port {
 public:
  virtual ~store_port() = default;

  /// Returns the events with their seq.
  virtual expected<std::vector<event>> write(const step_write& step) = 0;

  virtual expected<std::optional<session_record>> session(const std::string& session_id) = 0;
  /// Newest first. With `statuses` empty: every session.
  virtual expected<std::vector<session_record>> sessions(const std::vector<std::string>& statuses,
                                                         std::size_t limit) = 0;
  virtual expected<std::map<std::string, std::int64_t>> sessions_by_status() = 0;
  /// Sessions with a step that was begun and never answered.
  virtual expected<std::vector<session_record>> interrupted_sessions() = 0;

  virtual expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) = 0;
  /// The same of one session alone.
  virtual expected<std::vector<event>> session_events(const std::string& session_id,
                                                      std::int64_t seq, std::size_t limit) = 0;
  virtual expected<std::int64_t> last_seq() = 0;

  /// By iteration number, ascending; `last` > 0 gives only the last so many.
  virtual expected<std::vector<iteration_record>> iterations(const std::string& session_id,
                                                             std::size_t last) = 0;
  virtual expected<std::optional<iteration_record>> iteration(const std::string& session_id,
                                                              int iteration) = 0;
  virtual expected<bool> tree_tried(const std::string& session_id, const std::string& tree) = 0;

  virtual expected<> record_benchmark(const benchmark_row& row) = 0;
  /// ≥ 5 samples, by success rate then time; nothing when no tool has that many.
  virtual expected<std::optional<tool_score>> best_tool(const std::string& task_type) = 0;
  /// Every (task type, tool) with ≥ 5 samples.
  virtual expected<std::vector<tool_score>> tool_scores() = 0;
  /// The models of one tool with ≥ 5 samples among its last 2,000, by success rate then time.
  virtual expected<std::vector<model_score>> model_scores(const std::string& tool_name) = 0;

  virtual expected<std::vector<recipe>> recipes(std::size_t limit) = 0;  ///< newest first
  virtual expected<std::optional<snapshot>> latest_snapshot(const std::string& experiment_key) = 0;

  virtual expected<std::int64_t> add_to_outbox(const std::string& session_id, const json& delta,
                                               const std::string& time) = 0;
  virtual expected<std::vector<outbox_entry>> outbox() = 0;
};

}  // namespace ratchet
