// SPDX-License-Identifier: MIT
//
// The places of settings in files that are no programs: JSON, YAML, TOML and INI, make, CMake,
// shell, SQL, plain text.
#pragma once

#include <string>
#include <vector>

#include "runtime/edit/source_map.hpp"

namespace ratchet {

struct config_place {
  std::string name;                  ///< of the key or variable
  std::vector<std::string> parents;  ///< tables or objects around it, outermost first
  std::string why_not;               ///< empty: it is the value of a key
  bool variable = false;             ///< of a shell script: it may change while that runs
};

config_place config_place_of(const source_map& source, std::size_t token);

}  // namespace ratchet
