// SPDX-License-Identifier: MIT
//
// The tournament of candidates side by side: which of those that are measured goes on to the gates,
// and which is looked at once more before.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// How much better than the incumbent of its own class of machine a result is, as a share of that
/// one's metric, so that classes compare; negative when it is worse. `best` is the incumbent's
/// metric on `home_class`; a result from another class that names no incumbent of its own cannot be
/// compared and is 0. A failed run is minus infinity.
double relative_gain(const run_result& r, metric_direction direction,
                     const std::optional<double>& best, const std::string& home_class);

/// The result that goes on: of those that improved, the one with the greatest gain; when none
/// improved, the one that came nearest; failed runs last. The earlier one on a tie. `results` must
/// not be empty.
std::size_t tournament_winner(const std::vector<run_result>& results, metric_direction direction,
                              const std::optional<double>& best,
                              const std::string& home_class = {});

/// Which of the candidates that one run found better are worth the pairs that decide, as they
/// arrive: by chance alone every second one of equal code is better. Those that no other of the
/// last so many was better than, which is a tournament that never ends; and those whose gain stands
/// out of the noise by itself.
class screening {
 public:
  /// Takes the next arrival, better or not: its gain over the best of now, and over that of the
  /// moment in which its run began. `spread` is the noise of one run as a share of the metric.
  bool is_worth_pairs(double gain, double gain_then, double spread, std::size_t last);
  /// Another candidate is the best now.
  void begin_again() { recent_.clear(); }

 private:
  std::deque<double> recent_;
};

/// Whether the winner has to be measured again before it may count: when pairs decide (`pairs` > 1)
/// and one run screened it, as what was selected for being good looks better than it is; and when
/// it was measured on another class of machine than the session's own metrics.
bool needs_confirmation(const run_result& winner, int pairs, const std::string& home_class,
                        bool from_round);

/// Why a candidate that lost to that iteration went no further, in one line.
std::string why_lost(const run_result& loser, int winner_iteration);

}  // namespace ratchet
