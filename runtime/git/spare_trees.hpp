// SPDX-License-Identifier: MIT
//
// Work trees that sessions have left, for the next session of the same repository: the state
// directory's `trees/<repository>/<session>-<lane>.<bytes>`, each with its files (`work`) and what
// is known of them (`stat_cache`). A tree is taken by one rename, and then restored to what it
// should be like any other, so that nothing of it is believed. Making and removing tens of
// thousands of files costs seconds, and ext4 makes new ones ever more slowly after many were
// removed.
//
// They go when they take more than a twentieth of the free disk, and a week after they were left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/git/beneath.hpp"

namespace ratchet::git {

/// May be used by several processes at once. Nothing here refuses: a tree that cannot be kept, or
/// had, is removed, or made anew.
class spare_trees {
 public:
  /// `folder`, absolute, is made when there is something to keep.
  explicit spare_trees(std::string folder) : folder_(std::move(folder)) {}

  /// Moves `work` and `stat_cache` out of an open folder, whose files come to so many bytes. False:
  /// they are still there.
  bool put(const std::string& repository, const std::string& name, std::uint64_t bytes,
           int workspace);
  /// Moves one into an open folder that has no `work`. False: there is none.
  bool take(const std::string& repository, int workspace);

 private:
  struct spare {
    std::string repository, name;  ///< of folders
    std::int64_t left_at_s = 0;
    std::uint64_t bytes = 0;
  };
  /// Newest first; those that a killed process was putting are not among them.
  std::vector<spare> all(int folder) const;
  void remove(int folder, const spare& old) const;

  std::string folder_;
};

}  // namespace ratchet::git
