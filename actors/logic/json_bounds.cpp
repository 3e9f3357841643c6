// SPDX-License-Identifier: MIT
#include "actors/logic/json_bounds.hpp"

#include <vector>

namespace ratchet {

json_size measure_json(std::string_view text, const json_bounds& bounds) {
  std::vector<std::size_t> commas;  // of each array or object that is open
  std::size_t values = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i)
          if (text[i] == '\\') ++i;
        break;
      case '[':
      case '{':
        if (commas.size() == bounds.max_depth) return json_size::too_deep;
        commas.push_back(0);
        ++values;
        break;
      case ']':
      case '}':
        if (!commas.empty()) commas.pop_back();
        break;
      case ',':
        if (++values > bounds.max_values) return json_size::too_many;
        if (!commas.empty() && ++commas.back() >= bounds.max_members) return json_size::too_many;
        break;
      default:
        break;
    }
  }
  return values > bounds.max_values ? json_size::too_many : json_size::fits;
}

}  // namespace ratchet
