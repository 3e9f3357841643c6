// SPDX-License-Identifier: MIT
//
// The difference of two trees, taken where both are and made good where only the first one is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/git/change_format.hpp"
#include "runtime/git/git2.hpp"

namespace ratchet::git {

/// What makes `wanted` (a tree or a commit) of `base` (the same). Reads only the folders that
/// differ. Refuses (`repository_refused`) paths that no work tree can hold, and what is beyond the
/// limits.
tree_change compare_trees(git_odb* odb, const git_oid& base, const git_oid& wanted,
                          const change_limits& limits);

/// An object to be stored.
struct new_object {
  git_object_t type;
  std::string bytes;
  git_oid id;
};

/// The objects of `change.wanted` that its base lacks, each after those that it names; nothing is
/// stored. Refuses (`workspace_failed`) when the base is not there, when the change does not fit it
/// or gives another id than the wanted one, and (`repository_refused`) what is beyond the limits.
std::vector<new_object> objects_of(git_odb* odb, const tree_change& change,
                                   const change_limits& limits);

}  // namespace ratchet::git
