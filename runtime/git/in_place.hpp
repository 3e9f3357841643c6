// SPDX-License-Identifier: MIT
//
// What working in the user's own repository needs beyond a work tree of ours: knowing what was
// there before, and keeping the user's index in step with the branch.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/git2.hpp"
#include "runtime/git/target_files.hpp"
#include "runtime/git/tree_sync.hpp"

namespace ratchet::git {

/// Compares the user's tree with HEAD and notes what is not ours to restore. Refuses
/// (`repository_refused`) when a target or a protected file is not clean in tree and index.
preserved_paths look_around(tree_reader& reader, cached_folder& cache, int root,
                            git_repository* user, const git_oid& base_tree,
                            const edit_bounds& bounds);

/// The notes as bytes and back: 'L' or 'F', the path, NUL; one after another.
std::string encode_preserved(const preserved_paths& paths);
preserved_paths decode_preserved(const std::string& bytes);

/// The user's index made to say what a commit says of the targets, and nothing else changed in it.
/// prepare() refuses before anything is touched; write() is the change.
class index_update {
 public:
  index_update(git_repository* user, int root, const edit_bounds& bounds)
      : user_(user), root_(root), bounds_(bounds) {}
  /// Refuses when the index holds other versions of the targets than either commit, or is locked.
  void prepare(const git_oid& parent, const git_oid& commit);
  void write();

 private:
  void prepare(const std::string& target, const git_tree* before, const git_tree* after);

  git_repository* user_;
  int root_;
  const edit_bounds& bounds_;
  index_ptr index_;
  bool changed_ = false;
};

}  // namespace ratchet::git
