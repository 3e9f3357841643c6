// SPDX-License-Identifier: MIT
//
// Which literals of a file read like settings, by their place and name, and why the others do not.
//
// A setting is a literal that is the whole right side of an assignment, a constant, #define, enum
// value, keyword or option default, or the value of a key in a configuration file. Everything else
// (parts of expressions, loop headers, conditions, indices, arguments without a name, returned
// values) is the program itself.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/edit/source_map.hpp"

namespace ratchet {

struct literal_place {
  std::size_t token = 0;  ///< in source_map::tokens()
  /// What it sets: LEARNING_RATE, --n-embd2, cache_size; empty where it has no name.
  std::string name;
  std::string why_not;  ///< empty: it reads like a setting
  bool named = false;   ///< left out for its name or use, though its place is a setting's
  double weight = 1;    ///< how likely it is a setting that matters
};

/// Numbers, and words that are booleans, in order. `metric_name` may be empty. The names in
/// `searched` are those of literals that have been changed before: what their values are now (1999
/// reads like a year) says nothing against them.
std::vector<literal_place> literal_places(const source_map& source, std::string_view metric_name,
                                          const std::set<std::string>& searched);

}  // namespace ratchet
