// SPDX-License-Identifier: MIT
//
// An extra work tree, for a candidate that runs beside others (session_workspace.hpp draws it),
// shares the session's private repository, so that what is applied in one is an object for all;
// work tree, setup products and stat cache are its own. It goes with the session, at the latest.
#pragma once

#include <string>

#include "actors/ports/workspace_port.hpp"

namespace ratchet::git {

constexpr int last_lane = 9999;

/// Refuses (invalid_argument) a session's id that cannot name a folder, and a lane out of range.
void check_work_tree_id(const work_tree_id& id);
/// Whether it can name a folder of its own and a part of a reference.
bool names_session(const std::string& id);

/// `<sessions>/<session>` and, of an extra work tree, `/lanes/<lane>` below it.
std::string workspace_path(const std::string& sessions, const work_tree_id& id);

}  // namespace ratchet::git
