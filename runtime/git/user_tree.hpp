// SPDX-License-Identifier: MIT
//
// What the user's own tree has and a work tree cut from HEAD has not: uncommitted work, submodules,
// files that a filter (Git LFS) puts in another form there, ignored and untracked files. Reads the
// user's repository; writes nothing.
#pragma once

#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "runtime/git/repository_checks.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

struct user_tree_notes {
  std::vector<std::string> uncommitted;  ///< paths of uncommitted work, sorted
  std::vector<std::string> missing;      ///< as in workspace_info
  std::vector<std::string> absent;       ///< likewise
  /// Submodules that are filled there, and files that a filter puts in another form there: what is
  /// to be taken as it stands.
  std::vector<std::string> as_checked_out;
};

/// Of a session that is about to begin with these settings.
user_tree_notes look_at_user_tree(const checked_repository& checked,
                                  const session_settings& settings);

/// A sentence for the variables that builds commonly read, are set in this process, and that the
/// settings do not pass on; "" when there are none.
std::string variables_left_out(const session_settings& settings);

/// Copies files and folders of the user's tree into `repository`, as what a work tree has besides
/// its commit; `.git` of submodules is left out. Refuses (`invalid_argument`) more than the disk or
/// a session should hold.
std::vector<kept_entry> take_as_checked_out(git_repository* repository, const std::string& root,
                                            const std::vector<std::string>& paths);

}  // namespace ratchet::git
