// SPDX-License-Identifier: MIT
//
// Tree objects as bytes: "MODE NAME\0" and 20 bytes of id, entry after entry, in git's order (a
// folder sorts as if its name ended in '/'). What is not changed stays byte for byte, so that a
// tree made from another one gets the id that git gives it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

constexpr std::size_t id_bytes = GIT_OID_RAWSZ;
/// The longest mode, 12 octal digits, is git's own bound of what it can mean.
constexpr unsigned mode_kind = 0170000, mode_folder = 0040000, mode_submodule = 0160000;
/// Deeper trees cannot be restored (tree_sync.cpp has the same bound).
constexpr int max_tree_depth = 400;

/// Views into the bytes of a tree.
struct tree_entry {
  std::string_view whole;  ///< mode, name and id as they stand there
  std::string_view name;
  std::string_view id;  ///< 20 bytes
  unsigned mode = 0;

  bool folder() const { return (mode & mode_kind) == mode_folder; }
  /// A folder without anything in it, which git itself does not write.
  bool empty_folder() const;
  bool submodule() const { return (mode & mode_kind) == mode_submodule; }
  git_oid oid() const;
};

/// Refuses (`workspace_failed`) what is no tree; `what` names it in the text.
std::vector<tree_entry> parse_tree(std::string_view bytes, const std::string& what);
/// Git's order: below, at or above zero.
int compare_entries(const tree_entry& a, const tree_entry& b);
std::string encode_entry(unsigned mode, std::string_view name, const git_oid& id);

/// Bytes of an object of this type; refuses (`workspace_failed`, details {"missing"}) when it is
/// absent, and when it is of another type.
odb_object_ptr read_object(git_odb* odb, const git_oid& id, git_object_t type);
std::string_view bytes_of(const odb_object_ptr& object);

/// What an id that may be a commit's or a tree's stands for.
struct tree_or_commit {
  git_oid tree{};
  bool commit = false;
};
/// Refuses like read_object().
tree_or_commit resolve(git_odb* odb, const git_oid& id);
/// The tree that a commit's bytes name.
git_oid tree_named_by(std::string_view commit, const std::string& what);

}  // namespace ratchet::git
