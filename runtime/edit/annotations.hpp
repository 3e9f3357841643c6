// SPDX-License-Identifier: MIT
//
// What a comment says about the literals of its line, or of the next line with code:
//
//   ratchet: range 8..512                 also: step 8, log, linear
//   ratchet: choices 16, 32, 64           also: choices "relu" "gelu", choices -O2 -O3
//   ratchet: power of two 8..256
//   ratchet: skip                         nothing on the line changes
//   ratchet: begin … ratchet: end         only literals between them change
//
// Several clauses, separated by ';', are for the first, second … literal of the line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"

namespace ratchet {

enum class clause_kind { range, choices, power_of_two, skip, begin, end };

struct clause {
  clause_kind kind = clause_kind::skip;
  double lo = 0;
  double hi = 0;
  double step = 0;                   ///< 0: none
  std::optional<bool> log;           ///< unset: by the range's width
  bool whole = false;                ///< bounds and step have no fraction
  std::vector<std::string> choices;  ///< without quotes
  bool quoted = false;               ///< the choices were: they are the contents of a string
  int line = 0;
};

/// The clauses of one comment, by the line each stands on. `invalid_argument` names what was not
/// understood. A comment without "ratchet:" has none.
expected<std::vector<clause>> clauses_of(std::string_view comment, int first_line);

}  // namespace ratchet
