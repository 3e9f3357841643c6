// SPDX-License-Identifier: MIT
//
// What always holds of a session when it is written, whatever steps, failures and crashes came
// before. Checked before each write in tests and in builds with sanitizers.
#pragma once

#include <string>

#include "actors/logic/session_ledger.hpp"

namespace ratchet {

/// The first invariant that does not hold, with the values that break it; empty: all hold.
std::string broken_invariant(const session_document& d);

/// Ends the process with the name of an invariant that is broken: it is a bug, and what it would
/// store is wrong. Does nothing in a build without RATCHET_CHECK_INVARIANTS.
void check(const session_document& d);

}  // namespace ratchet
