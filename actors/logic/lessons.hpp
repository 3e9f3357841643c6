// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "messages/edits.hpp"

namespace ratchet {

/// Adds what was said after `iteration` to what is known: the same words again support a lesson.
/// At most 20 are kept: the best supported first, of those the newest.
void learn(std::vector<lesson>& known, const std::string& said, int iteration);

}  // namespace ratchet
