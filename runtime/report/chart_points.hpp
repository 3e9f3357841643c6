// SPDX-License-Identifier: MIT
//
// What of a session's history is drawn: which iterations as what, and the best after each.
#pragma once

#include <optional>
#include <vector>

#include "messages/experiments.hpp"
#include "runtime/report/chart_labels.hpp"

namespace ratchet::chart {

struct value_point {
  int iteration = 0;
  double value = 0;
  const iteration_record* record = nullptr;
};

/// Iterations by what became of them, each ascending. Values are within ±1e300.
struct history {
  std::optional<value_point> baseline;
  std::vector<value_point> kept;
  std::vector<value_point> rejected;   ///< better, and a gate said no
  std::vector<value_point> discarded;  ///< everything else that was measured
  std::vector<int> crashed;            ///< ran and gave no metric
  std::vector<int> unusable;           ///< the edit never ran
  int last = 0;                        ///< the greatest iteration

  /// The baseline and what was kept: what the best-so-far line goes through.
  std::vector<value_point> steps() const;
};

history history_of(const json& session, const std::vector<iteration_record>& results);

/// The gain by the final pairs, which is nobody's luckiest run: "9 → 7 (better by 22 % in pairs)".
/// Empty where they were not made.
std::string compared_words(const json& session);

/// Leaves out points that lie on or next to others until no more than `most` are left.
std::vector<point> thinned(const std::vector<point>& points, std::size_t most);

}  // namespace ratchet::chart
