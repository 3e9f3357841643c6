// SPDX-License-Identifier: MIT
//
// The comparison at a session's end: baseline against best, measured again in pairs. How many pairs
// there is time for, and what came of them in one sentence.
#pragma once

#include <string>

#include "messages/jobs.hpp"

namespace ratchet {

/// The fewest pairs that a comparison is worth.
inline constexpr int least_compared_pairs = 3;

struct comparison_plan {
  int pairs = 0;        ///< 0: there is no time for it
  std::string why_not;  ///< why none, or fewer than asked for; one clause
};

/// Seconds that measuring may go on at the end of a session: what is left of total_time_budget_s;
/// without one a minute, or a fifth of the session's time.
double time_at_the_end(const session_settings& settings, double elapsed_s);

/// As many of the `pairs` asked for as what is left of total_time_budget_s has room for; without
/// one, as a minute or a fifth of the session's time has, whichever is more. `run_s` is how long
/// one run takes; 0: nobody knows, and it is short.
comparison_plan plan_comparison(const session_settings& settings, double elapsed_s, double run_s,
                                int pairs);

/// Whether the pairs exclude that nothing was gained: the interval lies above zero.
bool is_sure(const comparison& c);

/// "+12 % (95 % interval +9 % to +15 %) in 6 pairs: 7.7 -> 6.77", with what it means where the
/// interval reaches zero; "not measured again: …" after a failure.
std::string in_words(const comparison& c);

/// As it is kept with the session, answered and reported: the comparison, `summary`, and the commit
/// that it is of. `note` says why there were fewer pairs than asked for.
json stored_comparison(const comparison& c, const std::string& head, const std::string& note);

/// Whether `stored` is of this commit and has a result.
bool is_comparison_of(const json& stored, const std::string& head);

}  // namespace ratchet
