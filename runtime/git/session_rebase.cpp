// SPDX-License-Identifier: MIT
//
// A candidate's change on top of another commit than the one it was made for: a three-way merge of
// trees, by libgit2.
#include <algorithm>

#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

/// Where both sides change the same lines.
std::string first_conflict(git_index* merged) {
  const git_index_entry *ancestor = nullptr, *ours = nullptr, *theirs = nullptr;
  conflicts_ptr conflicts;
  check(git_index_conflict_iterator_new(out(conflicts), merged), "read what cannot be merged");
  if (git_index_conflict_next(&ancestor, &ours, &theirs, conflicts.get()) < 0) return "a file";
  const auto* any = ancestor ? ancestor : ours ? ours : theirs;
  return any->path;
}

std::string blob_bytes(git_repository* repository, const git_oid& id) {
  blob_ptr blob;
  check(git_blob_lookup(out(blob), repository, &id), "read a merged file");
  return {static_cast<const char*>(git_blob_rawcontent(blob.get())),
          static_cast<std::size_t>(git_blob_rawsize(blob.get()))};
}

/// What leads from a tree to what was merged.
std::vector<file_change> changes_to(git_repository* repository, git_tree* from, git_index* merged) {
  diff_ptr diff;
  check(git_diff_tree_to_index(out(diff), repository, from, merged, nullptr),
        "compare what was merged");
  std::vector<file_change> changes;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    const auto* delta = git_diff_get_delta(diff.get(), i);
    if (delta->status == GIT_DELTA_DELETED)
      changes.push_back({delta->old_file.path, std::nullopt, std::nullopt});
    else
      changes.push_back({delta->new_file.path, blob_bytes(repository, delta->new_file.id),
                         delta->new_file.mode == GIT_FILEMODE_BLOB_EXECUTABLE});
  }
  return changes;
}

}  // namespace

applied_edit session_workspace::rebase(const std::string& tree, const std::string& parent,
                                       const std::string& onto, bool wins) {
  auto* repository = private_.get();
  tree_ptr base = tree_of(repository, parse_id(parent, "parent"));
  tree_ptr ours = tree_of(repository, parse_id(onto, "onto"));
  tree_ptr theirs = tree_of(repository, parse_id(tree, "tree"));
  git_merge_options how = GIT_MERGE_OPTIONS_INIT;
  how.flags = 0;  // a file that was renamed is another file
  if (wins) how.file_favor = GIT_MERGE_FILE_FAVOR_THEIRS;
  index_ptr merged;
  check(git_merge_trees(out(merged), repository, base.get(), ours.get(), theirs.get(), &how),
        "merge a candidate with the best code");
  if (git_index_has_conflicts(merged.get()) != 0)
    refuse(errc::edit_refused, "it changes the same lines of " + first_conflict(merged.get()) +
                                   " as what was kept meanwhile");
  auto changes = changes_to(repository, ours.get(), merged.get());
  if (changes.empty())
    refuse(errc::edit_refused, "what was kept meanwhile has all of its change already");
  return draft(onto, changes);
}

}  // namespace ratchet::git
