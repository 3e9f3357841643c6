// SPDX-License-Identifier: MIT
//
// What each model of a session, and each way of asking, was asked, gained and cost, as lines of
// text. Pure.
#pragma once

#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "runtime/cli/style.hpp"

namespace ratchet::cli {

/// A table, one line a model, with a heading; nothing when no model wrote any of the edits. `all`
/// is what the session paid: what is in none of the rows is told below the table.
std::vector<std::string> model_table(const std::vector<iteration_record>& rows,
                                     const usage_totals& all, int width, const text_style& style);

/// The same of the ways of asking for an edit; nothing while there was only one.
std::vector<std::string> arm_table(const std::vector<iteration_record>& rows,
                                   const text_style& style);

}  // namespace ratchet::cli
