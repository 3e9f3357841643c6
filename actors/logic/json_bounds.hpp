// SPDX-License-Identifier: MIT
//
// How deep and how wide a JSON text is, found without building anything of it: what came from a
// stranger is measured before a parser, a printer or a destructor works on it. (A parser that keeps
// the keys in order looks each new one up among all before: 100,000 keys would cost minutes.)
#pragma once

#include <cstddef>
#include <string_view>

namespace ratchet {

struct json_bounds {
  std::size_t max_depth = 12;       ///< arrays and objects inside each other
  std::size_t max_members = 1024;   ///< of one array or object
  std::size_t max_values = 20'000;  ///< in all
};

enum class json_size { fits, too_deep, too_many };

/// One pass over the text. What is no JSON gives any answer: a parser says so afterwards.
json_size measure_json(std::string_view text, const json_bounds& bounds = {});

}  // namespace ratchet
