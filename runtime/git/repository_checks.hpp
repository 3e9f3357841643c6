// SPDX-License-Identifier: MIT
//
// May this repository and these paths be worked on? Reads the user's repository; writes nothing.
//
// Refused as `repository_refused`: no repository, not its root, bare, no commit yet, SHA-256,
// partial clones, extensions that libgit2 does not know, detached HEAD or an unfinished merge when
// working in place. Refused as `invalid_argument` with details {"field", "given"}: names of
// targets that are not tracked regular files or folders below the root, that a filter (LFS)
// rewrites, or that are protected; targets that give no file, or more than their limits; shared
// paths that are tracked or absent.
#pragma once

#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "runtime/git/git2.hpp"
#include "runtime/git/target_files.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

struct checked_repository {
  repository_ptr repository;
  std::string root;        ///< canonical, of the work tree
  std::string common_dir;  ///< where objects and refs are
  std::string head;        ///< the checked-out branch's full name; empty when detached
  git_oid base_commit{};
  git_oid base_tree{};
  edit_bounds bounds;                ///< folders with a '/' at their end
  std::vector<std::string> targets;  ///< the files of the base that they give
  std::vector<std::string> remarks;  ///< on what they do not give, each a sentence
  std::vector<shared_link> shared;
};

checked_repository check_repository(const session_settings& settings);

/// Opens a user's repository without searching upwards; explains a refusal.
repository_ptr open_user_repository(const std::string& root);

}  // namespace ratchet::git
