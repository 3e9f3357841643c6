// SPDX-License-Identifier: MIT
//
// Stored sessions and iterations as lines of text. Pure.
#pragma once

#include <string>
#include <vector>

#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/sessions.hpp"
#include "runtime/cli/style.hpp"

namespace ratchet::cli {

/// A table, one line a session, with a heading.
std::vector<std::string> session_table(const std::vector<progress>& sessions, int width,
                                       const text_style& style);
std::vector<std::string> session_details(const progress& session, const text_style& style);

/// "12 calls, 34000 tokens in, 5000 out, 0.12 USD"; what was not told is unknown, and the line then
/// ends with what the budgets count.
std::string usage_text(const usage_totals& usage);

/// A table, one line an iteration, with a heading.
std::vector<std::string> iteration_table(const std::vector<iteration_record>& rows, int width,
                                         const text_style& style);
/// Everything that is known about one iteration, with its diff.
std::vector<std::string> iteration_details(const iteration_record& row, const text_style& style);

/// A unified diff: added lines green, removed ones red, headings bold.
std::vector<std::string> diff_lines(std::string_view diff, const text_style& style);

/// An event on one line.
std::string event_text(const event& e, const text_style& style);

}  // namespace ratchet::cli
