// SPDX-License-Identifier: MIT
//
// Setups that must be refused, each with the field and the words of the refusal.
#pragma once

#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

struct bad_call {
  std::string name;
  std::string tool;
  std::string arguments;  ///< raw text of the command line
  std::string code;
  std::string field;  ///< of the answer; "" when the answer names none
  std::string says;   ///< in the error
  int exit_code = 1;
};

/// JSON text, invalid UTF-8 replaced.
inline std::string raw(const json& j) {
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Makes repositories that cannot be worked on, beside the laboratory's own.
void make_odd_repositories(const laboratory& lab);
std::vector<bad_call> bad_setups(const laboratory& lab);

}  // namespace ratchet::e2e
