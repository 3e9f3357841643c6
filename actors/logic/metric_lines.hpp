// SPDX-License-Identifier: MIT
//
// Which lines of a program print its metric, and which compute it: where an edit changes how the
// result is measured instead of the result. A judgement by names and lines, in any language, meant
// for warnings and for leaving literals alone; no proof either way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

enum class metric_role : std::uint8_t {
  none,
  computes,  ///< assigns what is printed, or what that is calculated from
  prints     ///< writes the metric's name and value
};

/// One a line, from line 1 at index 0. A line that assigns a plain literal computes nothing: it is
/// a setting, whatever reads it. With `guess`, where no line prints the metric's name, the last one
/// that prints anything does. Linear in the text for a given number of names.
std::vector<metric_role> metric_lines(std::string_view text, std::string_view metric_name,
                                      bool guess = true);

/// Whether a line (from 1) prints or computes the metric. False for a line that is not there.
bool feeds_metric(std::string_view text, int line, std::string_view metric_name);

/// The lines of `before`, from 1, that differ in `after`: changed or removed ones, and the line in
/// front of added ones. By common beginning and end of lines around the difference.
std::vector<int> changed_lines(std::string_view before, std::string_view after);

/// The same of a unified diff, as "train.py:12", from what its hunks show: a line that prints the
/// metric, that assigns a name like the metric's, or that computes what a line beside it prints.
std::vector<std::string> metric_places_in_diff(std::string_view diff, std::string_view metric_name);

/// The lines that an edit changes and that feed the metric, before or after it, ascending.
std::vector<int> changed_metric_lines(std::string_view before, std::string_view after,
                                      std::string_view metric_name);

}  // namespace ratchet
