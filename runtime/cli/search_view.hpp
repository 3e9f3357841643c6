// SPDX-License-Identifier: MIT
//
// A search as lines of text. Pure: state in, lines out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/cli/search.hpp"
#include "runtime/cli/style.hpp"

namespace ratchet::cli {

/// Seconds since the search, and since its present step, began.
struct search_times {
  double elapsed_s = 0;
  double step_s = 0;
  bool stopping = false;  ///< Ctrl-C was pressed once
};

/// The block that is redrawn in place: ≤ 12 lines of ≤ `width` columns.
std::vector<std::string> progress_block(const search_state& state, const search_times& times,
                                        int width, const text_style& style);

/// One iteration on one line, for a log; as wide as it is.
std::string iteration_text(const iteration_line& line, const search_state& state,
                           const text_style& style);

/// Seconds until the last iteration that the budgets allow, by the pace so far.
std::optional<double> time_left_s(const search_state& state, double elapsed_s);

/// What a person should know at the end: what came of it, where it is, what to do next.
std::vector<std::string> summary_lines(const search_state& state, const search_result& result,
                                       double elapsed_s, const text_style& style);

/// The same for programs: the last line with --json.
json summary_json(const search_state& state, const search_result& result, double elapsed_s);

/// Files of a report beside `<state>/reports/<id>.json`.
std::filesystem::path results_tsv_of(const std::filesystem::path& report);
std::filesystem::path progress_svg_of(const std::filesystem::path& report);

/// `ratchet run --resume ID`, at the node where the search was at one.
std::string resume_command(const search_state& state);

/// A word for a POSIX shell: as it is, or in single quotes.
std::string shell_word(const std::string& text);

/// `git -C REPO merge BRANCH`.
std::string merge_command(const std::string& repo_path, const std::string& branch);

}  // namespace ratchet::cli
