// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>

namespace ratchet {

/// RATCHET_LONG_TESTS is set: cases that prove something by the hundred take all of it. Without it
/// they take enough to see that they would.
inline bool long_tests() { return std::getenv("RATCHET_LONG_TESTS") != nullptr; }

}  // namespace ratchet
