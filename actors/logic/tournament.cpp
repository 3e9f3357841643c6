// SPDX-License-Identifier: MIT
#include "actors/logic/tournament.hpp"

#include <cmath>
#include <limits>

namespace ratchet {

namespace {

/// Positive is better than the incumbent.
double relative_gain(const run_result& r, metric_direction direction,
                     const std::optional<double>& best, const std::string& home_class) {
  if (r.error || !r.metric_value) return -std::numeric_limits<double>::infinity();
  if (!r.incumbent_metric && !home_class.empty() && !r.machine.empty() && r.machine != home_class)
    return 0;
  const double sign = direction == metric_direction::higher_is_better ? 1 : -1;
  const auto incumbent = r.incumbent_metric ? r.incumbent_metric : best;
  if (!incumbent) return sign * *r.metric_value;
  const double gain = sign * (*r.metric_value - *incumbent);
  return *incumbent == 0 ? gain : gain / std::abs(*incumbent);
}

}  // namespace

std::size_t tournament_winner(const std::vector<run_result>& results, metric_direction direction,
                              const std::optional<double>& best, const std::string& home_class) {
  std::size_t winner = 0;
  for (std::size_t i = 1; i < results.size(); ++i) {
    if (results[i].improved != results[winner].improved) {
      if (results[i].improved) winner = i;
    } else if (relative_gain(results[i], direction, best, home_class) >
               relative_gain(results[winner], direction, best, home_class)) {
      winner = i;
    }
  }
  return winner;
}

bool needs_confirmation(const run_result& winner, int pairs, const std::string& home_class,
                        bool from_round) {
  if (!winner.improved || winner.error) return false;
  if (from_round && pairs > 1) return true;
  return !home_class.empty() && !winner.machine.empty() && winner.machine != home_class;
}

std::string why_lost(const run_result& loser, int winner_iteration, bool winner_improved) {
  if (loser.error) return *loser.error;
  if (!loser.improved) return loser.reason.empty() ? "not better than the best" : loser.reason;
  return std::string("better than the best, but less so than iteration ") +
         std::to_string(winner_iteration) + " of the same round" +
         (winner_improved ? "" : ", which did not hold up");
}

}  // namespace ratchet
