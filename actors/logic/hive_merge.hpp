// SPDX-License-Identifier: MIT
//
// What many nodes say of the tools, as one ranking. Each node has at most one vote a (task type,
// tool); its weight is max(1, ln(1 + samples)), so that a thousand times the samples is worth a few
// votes and not a thousand: samples are a claim, and nodes are what is known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"

namespace ratchet {

struct hive_vote {
  std::string node_id;
  tool_score score;
};

/// `score`: rates, gain and time are weighted means of those who tell them, samples the sum of all
/// votes.
struct hive_score {
  tool_score score;
  int nodes = 0;  ///< that voted
};

double vote_weight(long long samples);

/// Every tool of the task type: highest success rate first, then most often kept, then least time,
/// then by name. Of several votes of a node for one tool the last counts.
std::vector<hive_score> merge_votes(const std::vector<hive_vote>& votes,
                                    const std::string& task_type);

/// The first of them, with the fields of `tool_score` and "nodes"; nothing when nobody voted.
std::optional<hive_score> best_hive_tool(const std::vector<hive_vote>& votes,
                                         const std::string& task_type);

}  // namespace ratchet
