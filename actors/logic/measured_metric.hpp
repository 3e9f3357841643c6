// SPDX-License-Identifier: MIT
//
// Metrics that no program can print, as Ratchet measures them itself: the patterns "@wall_s",
// "@cpu_s", "@max_rss_mb" and "@instructions". The output is not looked at. Of all of them less is
// better unless the session says otherwise.
#pragma once

#include <optional>
#include <string_view>

#include "actors/logic/metric.hpp"

namespace ratchet {

/// Of one execution of the run command, all its descendants included.
struct run_usage {
  double wall_s = 0;                   ///< from its start to its end
  double cpu_s = 0;                    ///< user and system
  double max_rss_mb = 0;               ///< the greatest resident set of one process, in 10^6 bytes
  std::optional<double> instructions;  ///< in user space; nothing: they were not counted
};

/// A pattern that begins with '@' and has no group is meant as one of these.
bool is_measured(std::string_view pattern);

/// Refuses (`invalid_argument`, details.field "metric_pattern") a name that is none of them.
expected<compiled_metric> compile_measured(const metric_rule& rule);

metric_reading read_measured(const compiled_metric& metric, const run_usage& usage);

/// "s", "MB" or "".
std::string_view unit_of_measured(const compiled_metric& metric);

}  // namespace ratchet
