// SPDX-License-Identifier: MIT
#include "actors/logic/arm_yield.hpp"

#include <algorithm>

#include "actors/logic/model_yield.hpp"
#include "messages/json_fields.hpp"

namespace ratchet {

RATCHET_JSON(arm_yield)

std::vector<arm_yield> arms_of(const std::vector<iteration_record>& rows) {
  std::vector<arm_yield> arms;
  for (const auto& row : rows) {
    const auto& arm = row.candidate.arm;
    if (arm.empty()) continue;
    auto it = std::find_if(arms.begin(), arms.end(), [&](const auto& a) { return a.arm == arm; });
    if (it == arms.end()) it = arms.insert(it, {.arm = arm});
    ++it->asked;
    if (row.decision != "edit_failed") ++it->applied;
    if (row.decision == "kept") ++it->kept;
    it->gain += relative_gain(row);
  }
  return arms;
}

}  // namespace ratchet
