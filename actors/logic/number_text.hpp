// SPDX-License-Identifier: MIT
//
// Numbers as programs print them.
//
// A number is: an optional sign ('-', '+' or U+2212); digits with an optional dot ("5", "5.",
// ".5"), or digits grouped by threes with commas ("1,234,567.5"); an optional exponent ("1e-3").
// The words nan, inf and infinity are numbers that are not finite, and so is one too great for a
// double or longer than 512 bytes. A number is a whole token: "1.2.3", "0x10", "12abc", "12ms",
// "1_000", "12:30" and "2024-01-05" hold none (units: printed_value.hpp). A '%' may follow.
//
// A comma that may be a decimal comma makes it ambiguous: "0,98", "1,5", "1.163,5", "1,2,3",
// "0,123"; and one lone group without a dot ("1,021") where the reader says so. So does a blank or
// apostrophe of typography between digits ("1'234").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

/// ambiguous: it is meant as a number, but which one cannot be told.
enum class number_kind { none, finite, not_finite, ambiguous };

/// What a lone comma before three digits is.
enum class lone_comma { thousands, ambiguous };

struct number_text {
  number_kind kind = number_kind::none;
  double value = 0;        ///< with `finite` only
  std::size_t length = 0;  ///< bytes of the token, without a '%'
};

/// No number token that is longer than this is read.
inline constexpr std::size_t max_number_length = 512;

/// The number that starts at the first byte of `text`, whatever follows it.
/// Looks at ≤ max_number_length + 8 bytes.
number_text number_prefix(std::string_view text, lone_comma comma = lone_comma::thousands);

/// The same, where it is a whole token.
number_text leading_number(std::string_view text, lone_comma comma = lone_comma::thousands);

/// The number that `text` is, blanks around it aside.
number_text whole_number(std::string_view text, lone_comma comma = lone_comma::thousands);

/// Whether a number, or a unit, may end before `rest`: nothing there makes it part of a longer
/// token. Looks at 2 bytes.
bool ends_number(std::string_view rest);

/// [A-Za-z0-9_.-]: what a name or a word in the output is made of.
bool is_token_char(char c);

/// ASCII only, whatever the locale.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
std::string ascii_lower(std::string_view text);
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

}  // namespace ratchet
