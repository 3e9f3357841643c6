// SPDX-License-Identifier: MIT
//
// Benchmarks, in memory.
#pragma once

#include "actors/ports/benchmarks_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

class fake_benchmarks : public benchmarks_port, public fault_plan {
 public:
  std::vector<benchmark_row> rows;
  std::vector<model_score> known_models;

  expected<> record_benchmark(const benchmark_row& row) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("record_benchmark")) return *f;
    rows.push_back(row);
    return {};
  }
  expected<std::optional<tool_score>> best_tool(const std::string& task_type) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("best_tool", task_type)) return *f;
    std::optional<tool_score> best;
    for (auto& s : scores())
      if (s.task_type == task_type &&
          (!best || s.success_rate > best->success_rate ||
           (s.success_rate == best->success_rate && s.avg_time_s < best->avg_time_s)))
        best = s;
    return best;
  }
  expected<std::vector<tool_score>> tool_scores() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("tool_scores")) return *f;
    return scores();
  }

  expected<std::vector<model_score>> model_scores(const std::string& tool_name) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("model_scores", tool_name)) return *f;
    return known_models;
  }

 private:
  std::vector<tool_score> scores() const {
    std::map<std::pair<std::string, std::string>, tool_score> sums;
    for (const auto& row : rows) {
      auto& s = sums[{row.task_type, row.tool_name}];
      s.task_type = row.task_type;
      s.tool_name = row.tool_name;
      s.success_rate += row.success ? 1 : 0;
      s.avg_time_s += row.completion_time_s;
      ++s.sample_count;
    }
    std::vector<tool_score> out;
    for (auto& [key, s] : sums) {
      if (s.sample_count < 5) continue;
      s.success_rate /= static_cast<double>(s.sample_count);
      s.avg_time_s /= static_cast<double>(s.sample_count);
      out.push_back(s);
    }
    return out;
  }

  std::mutex mutex_;
};

}  // namespace ratchet::testing
