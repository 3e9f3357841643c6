// SPDX-License-Identifier: MIT
//
// Ids of work trees: a session's own is named by the session's id, an extra one for a candidate
// that runs beside it by "<session>@<lane>". '@' can be in no session id.
//
// An extra work tree (session_workspace.hpp draws it) shares the session's private repository, so
// that what is applied in one is an object for all; work tree, setup products and stat cache are
// its own. It goes with the session, at the latest.
#pragma once

#include <string>

namespace ratchet::git {

struct workspace_id {
  std::string session;
  int lane = 0;  ///< 0: the session's own work tree
};

constexpr int max_slot = 9999;

/// "s" or "s@1" … "s@9999"; refuses anything else as invalid_argument.
workspace_id parse_workspace_id(const std::string& id);
/// Whether it can name a folder of its own and a part of a reference.
bool names_session(const std::string& id);

/// `<sessions>/<session>` and, of an extra work tree, `/lanes/<lane>` below it.
std::string workspace_path(const std::string& sessions, const workspace_id& id);

}  // namespace ratchet::git
