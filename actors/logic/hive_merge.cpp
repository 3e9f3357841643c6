// SPDX-License-Identifier: MIT
#include "actors/logic/hive_merge.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace ratchet {

double vote_weight(long long samples) {
  return std::max(1.0, std::log1p(static_cast<double>(std::max(0LL, samples))));
}

namespace {

/// Of those who tell it.
std::optional<double> weighted_mean(const std::map<std::string, const tool_score*>& votes,
                                    std::optional<double> tool_score::*what) {
  double total = 0, sum = 0;
  for (const auto& [node, score] : votes) {
    if (!(score->*what)) continue;
    const double weight = vote_weight(score->sample_count);
    total += weight;
    sum += weight * *(score->*what);
  }
  return total > 0 ? std::optional(sum / total) : std::nullopt;
}

}  // namespace

std::vector<hive_score> merge_votes(const std::vector<hive_vote>& votes,
                                    const std::string& task_type) {
  std::map<std::string, std::map<std::string, const tool_score*>> by_tool;
  for (const auto& v : votes)
    if (v.score.task_type == task_type) by_tool[v.score.tool_name][v.node_id] = &v.score;
  std::vector<hive_score> merged;
  for (const auto& [tool, by_node] : by_tool) {
    hive_score out{{task_type, tool}, static_cast<int>(by_node.size())};
    double total = 0;
    for (const auto& [node, score] : by_node) {
      const double weight = vote_weight(score->sample_count);
      total += weight;
      out.score.success_rate += weight * score->success_rate;
      out.score.avg_time_s += weight * score->avg_time_s;
      out.score.sample_count += score->sample_count;
    }
    out.score.success_rate /= total;
    out.score.avg_time_s /= total;
    out.score.kept_rate = weighted_mean(by_node, &tool_score::kept_rate);
    out.score.gain = weighted_mean(by_node, &tool_score::gain);
    merged.push_back(std::move(out));
  }
  std::stable_sort(merged.begin(), merged.end(), [](const hive_score& a, const hive_score& b) {
    return std::tuple(-a.score.success_rate, -a.score.kept_rate.value_or(0), a.score.avg_time_s) <
           std::tuple(-b.score.success_rate, -b.score.kept_rate.value_or(0), b.score.avg_time_s);
  });
  return merged;
}

std::optional<hive_score> best_hive_tool(const std::vector<hive_vote>& votes,
                                         const std::string& task_type) {
  auto merged = merge_votes(votes, task_type);
  if (merged.empty()) return std::nullopt;
  return std::move(merged.front());
}

}  // namespace ratchet
