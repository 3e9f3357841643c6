// SPDX-License-Identifier: MIT
//
// What a delta says, read strictly: every number in range, every name fit to be shown.
#pragma once

#include <optional>

#include "actors/logic/delta_checks.hpp"

namespace ratchet {

/// Fills scores, recipes and body, or says why not: `implausible`, `malformed`, `unknown_content`.
std::optional<delta_refusal> read_delta_contents(const json& envelope, const delta_limits& limits,
                                                 checked_delta& out);

}  // namespace ratchet
