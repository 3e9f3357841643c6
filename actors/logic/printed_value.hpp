// SPDX-License-Identifier: MIT
//
// A number and its unit, as programs print them: "1.2ms", "1.4 GB/s", "95 %", "3.4k", "1.8x".
//
// The unit stands directly after the number or after blanks (metric_unit.hpp says which words are
// units there); else the number must end as a token, and has none. The prefixes k, M, G, T, Ki, Mi,
// Gi belong to the number: "3.4k" is 3400 without a unit, "1.2k req/s" is 1200 req/s. Durations of
// several parts ("0m1.2s", "1h 2m 3s", "1 min 20 s", "1:02.5") are seconds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "actors/logic/number_text.hpp"

namespace ratchet {

struct printed_value {
  number_kind kind = number_kind::none;
  double value = 0;               ///< with `finite` only
  std::string unit;               ///< as printed; empty: none
  std::size_t length = 0;         ///< bytes of number and unit
  std::size_t number_length = 0;  ///< of the number alone
};

/// The value that starts at the first byte of `text`. Looks at ≤ max_value_length bytes.
printed_value leading_value(std::string_view text, lone_comma comma = lone_comma::thousands);

/// The value that `text` is, blanks around it aside.
printed_value whole_value(std::string_view text, lone_comma comma = lone_comma::thousands);

/// Bytes of the blank at the start of `text`: ' ', tab, a control character that ends no line, or a
/// no-break or thin space; 0: none.
std::size_t blank_length(std::string_view text);

inline constexpr std::size_t max_value_length = max_number_length + 128;

}  // namespace ratchet
