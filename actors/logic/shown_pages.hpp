// SPDX-License-Identifier: MIT
//
// The pages of autoresearch_show (messages/shown.hpp): what is shown of a session, as text for a
// model. Pure. A page is small enough that no agent host cuts it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "actors/logic/session_ledger.hpp"
#include "messages/shown.hpp"

namespace ratchet {

inline constexpr std::size_t page_bytes = 8'000;
/// Lines of history on a page.
inline constexpr int page_iterations = 40;

/// The page of `whole` at `asked.offset`, or its beginning; with `from_end` the last page, which
/// begins with a line. Cut at the end of a line where there is one. `invalid_argument` for an
/// offset beyond the end.
expected<session_shown> page_of(const show_session& asked, const std::string& whole,
                                bool from_end = false);

/// A line an iteration, oldest first. `all`: how many there are.
session_shown history_page(const show_session& asked, const std::vector<iteration_record>& rows,
                           const std::string& metric_name, int all);

/// Where the search stands, what it searches, and what may be asked next.
std::string summary_text(const progress& p, const session_settings& settings);

/// All that is stored of what a run printed, as a terminal would show it; a line says what was left
/// out in the middle.
std::string output_text(const run_result& result);

}  // namespace ratchet
