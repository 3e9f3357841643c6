// SPDX-License-Identifier: MIT
//
// A numeric literal: what it says, and how it was written, so that another number can be written
// the same way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ratchet {

struct number_form {
  double value = 0;
  bool hex = false;
  bool real = false;        ///< has a point, an exponent or a floating-point suffix
  bool exponent = false;    ///< written with e or E
  int decimals = 0;         ///< digits after the point (of the mantissa)
  int significant = 1;      ///< digits from the first that is not 0
  std::size_t width = 0;    ///< digits of a hexadecimal literal
  char separator = 0;       ///< ' or _ between groups of digits
  std::size_t group = 3;    ///< digits a group
  bool point = false;       ///< "1." and "1.0" have one
  bool bare_point = false;  ///< ".5"
  bool upper = false;       ///< 0XFF or 1E5 or 0xFF: upper-case letters
  char exponent_sign = 0;   ///< '+' when "1e+5"
  int exponent_width = 1;   ///< 2 in "1e05"
  std::string prefix;       ///< "0x" or "0X"
  std::string suffix;       ///< "f", "ull", "ms", "_u32"…
};

/// Whether letters that follow a number directly are a unit or a type: "f", "ull", "ms", "px".
bool is_number_suffix(std::string_view letters);

/// Reads one whole literal, with its sign and suffix; nothing for octal, binary, complex or
/// malformed ones and for leading zeros ("007").
std::optional<number_form> parse_number(std::string_view text);

/// Writes `value` as `form` is written. At least `significant` digits are kept where they are
/// needed, and never fewer decimals than the form has. An integer form gets an integer unless
/// `value` has a fraction.
std::string format_number(const number_form& form, double value, int significant = 3);

}  // namespace ratchet
