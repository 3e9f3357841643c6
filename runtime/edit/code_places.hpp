// SPDX-License-Identifier: MIT
//
// The places of settings in programs: a literal that is a whole right side, by line and brackets.
#pragma once

#include <string>

#include "runtime/edit/source_map.hpp"

namespace ratchet {

enum class code_place_kind { assignment, keyword, call_keyword, option, key, macro, enumerator };

struct code_place {
  std::string name;      ///< as people call it: LEARNING_RATE, --n-embd2
  std::string variable;  ///< as the program calls it
  std::string why_not;   ///< empty: it is a whole right side
  code_place_kind kind = code_place_kind::assignment;
  bool fixed = false;  ///< a constant: it cannot change while the program runs
  double weight = 1;
};

code_place code_place_of(const source_map& source, std::size_t token);

}  // namespace ratchet
