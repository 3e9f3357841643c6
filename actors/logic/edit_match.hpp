// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Where a search text was found, and what to put there.
struct text_match {
  enum class outcome { missing, unique, ambiguous };
  outcome result = outcome::missing;
  std::size_t begin = 0, end = 0;  ///< bytes to replace
  std::string replacement;         ///< indented and with line ends as the file has them
  std::vector<std::size_t> lines;  ///< where it was found, 1-based; with `ambiguous`
  std::string why;                 ///< with `missing`: what spoke against it, where that is known
};

/// By the rules of apply_search_replace. `search` is not empty. Linear.
text_match find_text(std::string_view content, std::string_view search, std::string_view replace);

/// Line by line, blanks at line ends aside; with `may_shift` also with another indentation, the
/// same in every line. `replace` is shifted alike.
text_match find_lines(std::string_view content, std::string_view search, std::string_view replace,
                      bool may_shift);

/// Byte for byte, within a line too where it splits no word.
text_match find_bytes(std::string_view content, std::string_view search, std::string_view replace);

/// The lines of `content` that are most like `search`, with numbers, ≤ 6: "nearest lines are
/// 41-44:\n41  x = 1\n…"; empty for an empty file.
std::string nearest_lines(std::string_view content, std::string_view search);

/// Why `search` is not found, as far as that can be told: "its indentation is another than in the
/// file, at line 3"; else empty.
std::string likely_cause(std::string_view content, std::string_view search,
                         std::string_view replace);

/// "4, 19, 40": at most eight, then an ellipsis.
std::string listed(const std::vector<std::size_t>& numbers);

}  // namespace ratchet
