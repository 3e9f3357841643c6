// SPDX-License-Identifier: MIT
#include "actors/logic/shared_recipes.hpp"

#include "actors/logic/egress_guard.hpp"
#include "actors/logic/json_bounds.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

shared_recipes recipes_to_share(const std::vector<recipe>& recipes, const std::string& session_id) {
  shared_recipes out;
  std::size_t bytes = 0;
  for (const auto& r : recipes) {
    if (r.session_id != session_id || !r.changes.is_array() || r.changes.empty()) continue;
    const auto iteration = "iteration " + std::to_string(r.iteration) + ": ";
    json told = r;
    told["hypothesis"] = one_line(r.hypothesis);
    if (auto guarded = guard_egress(told); !guarded.clean()) {
      out.left_out.push_back(iteration + describe(guarded.findings));
      continue;
    }
    const auto text = told.dump(-1, ' ', false, json::error_handler_t::replace);
    json_bounds bounds;
    bounds.max_values /= max_shared_recipes;
    if (out.list.size() == max_shared_recipes || bytes + text.size() > max_shared_recipes_bytes ||
        measure_json(text, bounds) != json_size::fits) {
      out.left_out.push_back(iteration + "too large");
      continue;
    }
    bytes += text.size();
    out.list.push_back(std::move(told));
  }
  return out;
}

}  // namespace ratchet
