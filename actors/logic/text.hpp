// SPDX-License-Identifier: MIT
//
// Text that came from outside, made fit to show, store and send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Every byte that is not part of valid UTF-8 becomes U+FFFD; NUL too.
std::string valid_utf8(std::string_view bytes);

/// The longest prefix of ≤ `max_bytes` that ends on a character boundary.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);
/// The longest suffix of ≤ `max_bytes` that starts on a character boundary.
std::string_view utf8_suffix(std::string_view text, std::size_t max_bytes);

/// One line of at most `max_characters`: line breaks and control characters become blanks, runs of
/// blanks one, ends trimmed.
std::string one_line(std::string_view text, std::size_t max_characters = 200);

/// What somebody gave, in double quotes, for an error text: one line, cut with an ellipsis.
std::string shown(std::string_view given, std::size_t max_characters = 120);

/// Without the blanks around it: spaces, tabs, line breaks of every kind.
std::string_view trimmed(std::string_view text);
std::string_view trimmed_right(std::string_view text);

/// Up to the first line break.
std::string first_line(std::string_view text);

/// Without the final line's missing line break as a difference: "a\nb" and "a\nb\n" give 2 lines.
std::vector<std::string_view> lines_of(std::string_view text);

/// RFC 3339 in UTC with milliseconds: "2026-01-31T23:59:59.123Z".
std::string rfc3339(std::int64_t ms_since_1970);

/// The shortest text that reads back as the same double: "0.1", "3", "1e+300".
std::string shortest(double value);

/// `*` matches any run of characters, also dots.
bool matches_topic(std::string_view pattern, std::string_view topic);

/// The word of `known` that is nearest to `word` by edits, or "" when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

/// "a, b, c, … (7 more)": for error texts, at most `most` of them.
std::string listed(const std::vector<std::string>& texts, std::size_t most = 5);

}  // namespace ratchet
