// SPDX-License-Identifier: MIT
//
// What the mutate backend would change, told before anything runs: for `ratchet settings`, the
// first line of `ratchet run`, and its --dry-run. Only reads files.
#pragma once

#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/edit/parameters.hpp"

namespace ratchet::cli {

/// "8 settings are searched: LR 3e-4 [7.5e-5 … 1.2e-3], …; left out: SEED (a seed)": one line.
std::string settings_in_short(const settings_survey& survey);
/// A table of what is searched, what was left out and why, and how to change that.
std::vector<std::string> settings_table(const settings_survey& survey, const text_style& style);
/// {"settings": [{name, file, line, value, range|choices, …}], "left_out": [{…, why,
/// include_with}]}
json settings_json(const settings_survey& survey);

/// The short line for a search with these arguments of autoresearch_setup; empty where another
/// backend writes the edits or a target cannot be read here. Refuses a search that would find
/// nothing to change.
expected<std::string> searched_in_short(const json& setup);

/// `ratchet run --dry-run`.
int show_searched(const command_context& context, const json& setup);

}  // namespace ratchet::cli
