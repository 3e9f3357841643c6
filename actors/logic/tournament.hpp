// SPDX-License-Identifier: MIT
//
// The tournament of a parallel round: which of several measured candidates goes on to the gates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// The result that goes on: of those that improved, the one with the greatest gain over the
/// incumbent of its own class of machine (as a share of that, so that classes compare); when none
/// improved, the one that came nearest; failed runs last. The earlier one on a tie. `best` is the
/// incumbent's metric on `home_class`; a result from another class that names no incumbent of its
/// own cannot be compared and counts as no gain. `results` must not be empty.
std::size_t tournament_winner(const std::vector<run_result>& results, metric_direction direction,
                              const std::optional<double>& best,
                              const std::string& home_class = {});

/// Whether the winner has to be measured again before it may count: when pairs decide (`pairs` > 1)
/// and one run screened it, as what was selected for being good looks better than it is; and when
/// it was measured on another class of machine than the session's own metrics.
bool needs_confirmation(const run_result& winner, int pairs, const std::string& home_class,
                        bool from_round);

/// Why a candidate that lost went no further, in one line.
std::string why_lost(const run_result& loser, int winner_iteration, bool winner_improved);

}  // namespace ratchet
