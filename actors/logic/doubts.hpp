// SPDX-License-Identifier: MIT
//
// What a person should know before believing a result: said, never decided upon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace ratchet {

/// A sentence when nothing but the metric looks at candidates: no gate, no check, no guard, nothing
/// protected; else empty.
std::string doubt_of_unguarded(const session_settings& settings);

/// A sentence when the metric was not found by its name but by a fall-back; else empty.
std::string doubt_of_source(const session_settings& settings, const std::string& metric_source);

/// What speaks against a gain that is about to be kept: a share above 1 (or 100 %), tenfold the
/// baseline, a changed line that computes or prints the metric. `diff` is the candidate's, unified;
/// `unit` the metric's.
std::vector<std::string> doubts_of_gain(const session_settings& settings, const std::string& unit,
                                        std::optional<double> baseline, double value,
                                        const std::string& diff);

/// Adds those that are not there yet, as far as there is room (20).
void add_doubts(std::vector<std::string>& all, const std::vector<std::string>& more);

}  // namespace ratchet
