// SPDX-License-Identifier: MIT
//
// What a session teaches other nodes, as one JSON object:
//
//   { "version": 1, "node_id": "", "time": "2026-01-31T23:59:59.123Z", "ts": 1769903999.123,
//     "autoresearch": { session_id, experiment_id, metric_name, baseline, best,
//                       total_improvements, iterations, constitutional_rejections,
//                       baseline_rejections },
//     "coding_benchmarks": { task type: { tool: { success_rate, avg_time_s, sample_count } } },
//     "recipes": [ … ] }                      where the owner shares them (shared_recipes.hpp)
//
// `node_id`, the sequence number and the signature belong to a delivery and are put in by whoever
// delivers (delta_envelope.hpp). A reader ignores keys that it does not know; a change
// that an old reader would misread takes a new version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/sessions.hpp"
#include "messages/settings.hpp"

namespace ratchet {

inline constexpr int learning_delta_version = 1;
/// A tool with fewer runs is not told of: a few runs are no evidence.
inline constexpr long long learning_delta_min_samples = 5;

/// Nothing unless the session improved. Rates have 3 decimals, times 2; a number that is not finite
/// is null, a tool with such a rate or time is left out.
std::optional<json> learning_delta(const progress& session, const session_settings& settings,
                                   const std::vector<tool_score>& scores, std::int64_t now_ms,
                                   const std::string& node_id = "");

}  // namespace ratchet
