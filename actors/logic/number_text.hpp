// SPDX-License-Identifier: MIT
//
// Numbers as programs print them.
//
// A number is: an optional sign; digits with an optional dot ("5", "5.", ".5"), or digits grouped
// by threes with commas ("1,234,567.5"); an optional exponent ("1e-3"). The words nan, inf and
// infinity are numbers that are not finite, and so is one too great for a double or longer than 512
// bytes. A number is a whole token: "1.2.3", "0x10", "12abc", "12ms", "1_000", "1,2,3", "12:30" and
// "2024-01-05" hold none. A '%' may follow; it changes nothing ("95%" is 95).
#pragma once

#include <cstddef>
#include <string_view>

namespace ratchet {

enum class number_kind { none, finite, not_finite };

struct number_text {
  number_kind kind = number_kind::none;
  double value = 0;        ///< with `finite` only
  std::size_t length = 0;  ///< bytes of the token, without a '%'
};

/// No number token that is longer than this is read.
inline constexpr std::size_t max_number_length = 512;

/// The number that starts at the first byte of `text`. Looks at ≤ max_number_length + 2 bytes.
number_text leading_number(std::string_view text);

/// The number that `text` is, blanks around it aside.
number_text whole_number(std::string_view text);

/// [A-Za-z0-9_.-]: what a name or a word in the output is made of.
bool is_token_char(char c);

/// ASCII only, whatever the locale.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

}  // namespace ratchet
