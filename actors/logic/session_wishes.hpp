// SPDX-License-Identifier: MIT
//
// A user's wishes, taken into the session's document when a step is opened.
#pragma once

#include <vector>

#include "actors/logic/session_ledger.hpp"

namespace ratchet {

/// In their order; the later of two counts.
void take_wishes(session_document& d, const std::vector<session_wish>& wishes);

/// New instructions count from the next proposal on.
void take_instructions(session_document& d, const std::string& text, const std::string& time);

}  // namespace ratchet
