// SPDX-License-Identifier: MIT
//
// Lines of a file or an answer, as the edit formats see them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Stands at the beginning of some files, and is no part of their text.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A line without its end, and its end: "\n", "\r\n" or, for a last line without one, "".
struct text_line {
  std::string_view text;
  std::string_view end;
};

std::vector<text_line> split_lines(std::string_view text);

/// Blanks and tabs at the front.
std::string_view indentation(std::string_view line);

/// Every line ends with CRLF, and there is one.
bool is_crlf(std::string_view text);
/// Line breaks as LF, or all as `end`.
std::string with_line_ends(std::string_view text, std::string_view end);

/// A line of ``` or ~~~ and what it opens; `ticks` is its length.
struct fence {
  char sign = '`';
  std::size_t ticks = 0;
  std::string_view info;
};
std::optional<fence> fence_of(std::string_view line);

/// "<<<<<<< SEARCH", "=======" and ">>>>>>> REPLACE"; `signs` is the marker's length.
enum class marker { none, search, divider, replace };
struct block_marker {
  marker kind = marker::none;
  std::size_t signs = 0;
};
block_marker marker_of(std::string_view line);

/// "--- a", "+++ b" and a hunk follow at line `i`, or "diff --git" stands there.
bool starts_diff(const std::vector<text_line>& lines, std::size_t i);

/// The file that a line of an answer names, or "": see parse_search_replace_blocks. A `near` line
/// stands directly before the block and may be a bare word.
std::string named_file(std::string_view line, const std::vector<std::string>& targets, bool near);

/// "./a" is "a".
std::string_view plain_path(std::string_view path);

}  // namespace ratchet
