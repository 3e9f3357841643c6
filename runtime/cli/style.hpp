// SPDX-License-Identifier: MIT
//
// Text for a terminal: how wide it is, how it is cut, how numbers and times read. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ratchet::cli {

/// What the terminal can show.
struct text_style {
  bool colour = false;
  bool unicode = true;
};

enum class paint : std::uint8_t { plain, bold, dim, red, green, yellow, cyan };

/// `text` in a colour, or as it is where there are none.
std::string painted(const text_style& style, paint p, std::string_view text);

/// Columns that the text takes; escape sequences take none, wide characters two.
int display_width(std::string_view text);

/// At most `width` columns; what is cut off is marked. Escape sequences are kept whole and ended.
std::string clipped(std::string_view text, int width, const text_style& style);

/// The text and blanks up to `width` columns, cut when it is longer.
std::string padded(std::string_view text, int width, const text_style& style);

/// A column of a table: as `padded`, and at least one blank at its end.
std::string cell(std::string_view text, int width, const text_style& style);

/// Six significant digits; "–" where there is none.
std::string number_text(std::optional<double> value);
/// "+4.71 %", "-1900 %".
std::string percent_text(double percent);
/// From one value to another as percent_text; "" where the baseline is absent or 0.
std::string change_text(std::optional<double> from, std::optional<double> to);
/// "850 ms", "4.2 s", "3:54", "1:02:03", "2 d 03:00:00".
std::string duration_text(double seconds);

/// No control characters: what a repository or a model wrote cannot steer the terminal. Line breaks
/// stay when `keep_lines`.
std::string harmless(std::string_view text, bool keep_lines = false);

}  // namespace ratchet::cli
