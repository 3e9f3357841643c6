// SPDX-License-Identifier: MIT
//
// The difference of two trees, taken where both are and made good where only the first one is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/git/change_format.hpp"
#include "runtime/git/git2.hpp"
#include "runtime/git/tree_bytes.hpp"

namespace ratchet::git {

/// Calls `visit` with each path at which two trees differ. `now` null: nothing is there any more
/// (of a folder, one call for all of it). `was` is set when the same kind of thing was there. Of a
/// folder that is there in both only what is in it is visited, unless it is empty now; of one that
/// came it is visited, and what is in it too if `visit` returns true. Reads only the folders that
/// differ.
using difference_visitor =
    std::function<bool(const std::string& path, const tree_entry* was, const tree_entry* now)>;
void walk_difference(git_odb* odb, const git_oid& before, const git_oid& after,
                     const difference_visitor& visit);

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
new_object hashed(git_object_t type, std::string bytes);

/// The tree that `paths` make of a tree, and the objects of it that are new, each after those that
/// it names; nothing is stored. Refuses (`workspace_failed`) when the tree is not there or a path
/// does not fit it, and (`repository_refused`) what is beyond the limits.
struct changed_tree {
  git_oid id{};
  std::vector<new_object> objects;
};
changed_tree change_tree(git_odb* odb, const git_oid& base_tree,
                         const std::vector<changed_path>& paths, const change_limits& limits);

/// The objects of `change.wanted` that its base lacks, each after those that it names; nothing is
/// stored. Refuses (`workspace_failed`) when the base is not there, when the change does not fit it
/// or gives another id than the wanted one, and (`repository_refused`) what is beyond the limits.
std::vector<new_object> objects_of(git_odb* odb, const tree_change& change,
                                   const change_limits& limits);

}  // namespace ratchet::git
