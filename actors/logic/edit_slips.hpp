// SPDX-License-Identifier: MIT
//
// What models do to lines that they copy, and how it is undone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/edit_match.hpp"

namespace ratchet {

/// find_text, after the text was not found as it is: without line numbers, around an elision, with
/// tabs for blanks, with plain quotes. Only what then is there once counts; `why` says what else
/// was found.
text_match find_despite_slips(std::string_view content, std::string_view search,
                              std::string_view replace);

/// "12: x", "12| x", "  12  x" and the like before every line: the first number, and the lines
/// without. Nothing unless each line's number is one more than that of the line before.
struct numbered_lines {
  std::size_t first = 0;
  std::string text;
  char sign = ' ';         ///< after the numbers; ' ' is none
  std::size_t blanks = 0;  ///< taken off after them
};
std::optional<numbered_lines> numbered(std::string_view text);

/// A line that stands for lines left out: "...", "# ... existing code ...", "// rest unchanged".
/// `told`: with a word, dots in a comment count as one; those alone may be code.
enum class elision { none, dots, told };
elision elision_in(std::string_view line);

/// The first line of `text` that stands for lines left out of a whole file, and is none of the
/// file's; else empty. `least` is not none. Dots alone are code after ':', ',' or '('.
std::string_view elision_of(std::string_view text, std::string_view file,
                            elision least = elision::dots);

/// Quotes, dashes and blanks of typography as those that programs are written with.
std::string plain_typography(std::string_view text);

}  // namespace ratchet
