// SPDX-License-Identifier: MIT
//
// What each way of asking for an edit brought in a session: see runtime/edit/prompt_parts.hpp for
// the arms.
#pragma once

#include <string>
#include <vector>

#include "messages/experiments.hpp"

namespace ratchet {

struct arm_yield {
  std::string arm;
  long long asked = 0;    ///< iterations that were asked for so
  long long applied = 0;  ///< of them those with a candidate
  long long kept = 0;
  double gain = 0;  ///< of what was kept, the sum of relative_gain (model_yield.hpp)

  static constexpr auto fields() {
    using y = arm_yield;
    return field_list{field{"arm", &y::arm}, field{"asked", &y::asked},
                      field{"applied", &y::applied}, field{"kept", &y::kept},
                      field{"gain", &y::gain}};
  }
};

/// Of all iterations that tell how they were asked for; arms in the order of their first.
std::vector<arm_yield> arms_of(const std::vector<iteration_record>& rows);

}  // namespace ratchet
