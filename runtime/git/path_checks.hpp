// SPDX-License-Identifier: MIT
//
// The paths that a session names: targets, protected and shared ones.
#pragma once

#include "runtime/git/repository_checks.hpp"

namespace ratchet::git {

/// Fills the three lists of `checked` from the settings, or refuses with `invalid_argument`,
/// details {"field", "given"}.
void check_paths(checked_repository& checked, const git_tree* head_tree,
                 const session_settings& settings);

}  // namespace ratchet::git
