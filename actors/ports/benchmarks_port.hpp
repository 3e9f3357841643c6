// SPDX-License-Identifier: MIT
//
// How every run went, and what that says of tools and models.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/failure.hpp"

namespace ratchet {

class benchmarks_port {
 public:
  virtual ~benchmarks_port() = default;

  virtual expected<> record_benchmark(const benchmark_row& row) = 0;
  /// ≥ 5 samples, by success rate then time; nothing when no tool has that many.
  virtual expected<std::optional<tool_score>> best_tool(const std::string& task_type) = 0;
  /// Every (task type, tool) with ≥ 5 samples.
  virtual expected<std::vector<tool_score>> tool_scores() = 0;
  /// The models of one tool with ≥ 5 samples among its last 2,000, by success rate then time.
  virtual expected<std::vector<model_score>> model_scores(const std::string& tool_name) = 0;
};

}  // namespace ratchet
