// SPDX-License-Identifier: MIT
//
// The tree that an edit gives, and the edit as text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "runtime/git/git2.hpp"
#include "runtime/git/target_files.hpp"
#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

/// One path that truly changes, as it is to be on disk.
struct planned_change {
  std::string path;
  std::optional<std::string_view> content;  ///< of the caller's change; none: the file goes
  bool executable = false;
  bool created = false;  ///< the parent has no such file
  git_oid blob{};
};

struct candidate {
  git_oid tree{};
  std::vector<planned_change> changes;  ///< sorted by path; only those that change something
  std::vector<new_object> objects;      ///< that the parent lacks, not stored yet
};

/// Stores nothing. Refuses (`edit_refused`) an empty edit, paths outside `bounds`, paths given
/// twice, a file where a folder is or the other way round, deleting what is not there, and a result
/// equal to the parent. The views point into `changes`.
candidate make_candidate(git_repository* repository, const git_oid& parent,
                         const std::vector<file_change>& changes, const edit_bounds& bounds);

/// Unified, ≤ 256 KiB with a last line that says so when it was cut; binary files are named only;
/// bytes that are not UTF-8 are replaced, so that it can be shown and stored.
std::string diff_text(git_repository* repository, const git_oid& parent, const git_oid& tree,
                      const std::vector<planned_change>& changes);

}  // namespace ratchet::git
