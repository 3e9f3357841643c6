// SPDX-License-Identifier: MIT
//
// What the executions of one candidate used, as its result tells it.
#pragma once

#include <cmath>
#include <vector>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/ports/process_port.hpp"

namespace ratchet {

/// Times to the microsecond: nobody reads more off a process, which takes 100 of them to start.
inline run_usage usage_of(const process_outcome& o) {
  auto rounded = [](double seconds) { return std::round(seconds * 1e6) / 1e6; };
  return {rounded(o.duration_s), rounded(o.cpu_s), o.max_rss_mb, o.instructions};
}

/// The medians of all executions so far, also of those that failed, in the result.
class run_usages {
 public:
  void take(const process_outcome& outcome, run_result& result) {
    const auto one = usage_of(outcome);
    add(wall_s_, one.wall_s, result.wall_s);
    add(cpu_s_, one.cpu_s, result.cpu_s);
    add(max_rss_mb_, one.max_rss_mb, result.max_rss_mb);
    if (one.instructions) add(instructions_, *one.instructions, result.instructions);
  }

 private:
  static void add(std::vector<double>& all, double one, std::optional<double>& median_of_all) {
    all.push_back(one);
    median_of_all = median(all);
  }

  std::vector<double> wall_s_, cpu_s_, max_rss_mb_, instructions_;
};

}  // namespace ratchet
