// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "messages/experiments.hpp"

namespace ratchet {

/// One iteration for whoever writes the next edit: "3: block 32 -> 48 | score 0.41, reverted (not
/// better …)" or "4: … | CRASHED: NameError: x". One line; what came from outside is valid UTF-8.
std::string history_line(const iteration_record& r, const std::string& metric_name);

}  // namespace ratchet
