// SPDX-License-Identifier: MIT
#include "actors/logic/tournament.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ratchet {

namespace {

/// Of equal code one run in a thousand is as far off.
constexpr double stands_out = 3;

}  // namespace

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

bool screening::is_worth_pairs(double gain, double gain_then, double spread, std::size_t last) {
  const bool best =
      std::none_of(recent_.begin(), recent_.end(), [&](double other) { return other > gain; });
  recent_.push_back(gain);
  if (recent_.size() > last) recent_.pop_front();
  return (gain > 0 && best) || gain_then > stands_out * spread;
}

bool needs_confirmation(const run_result& winner, int pairs, const std::string& home_class,
                        bool from_round) {
  if (!winner.improved || winner.error) return false;
  if (from_round && pairs > 1) return true;
  return !home_class.empty() && !winner.machine.empty() && winner.machine != home_class;
}

std::string why_lost(const run_result& loser, int winner_iteration) {
  if (loser.error) return *loser.error;
  if (loser.improved)
    return "better than the best, but less so than iteration " + std::to_string(winner_iteration) +
           " beside it";
  return loser.reason.empty() ? "not better than the best" : loser.reason;
}

}  // namespace ratchet
