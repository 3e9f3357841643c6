// SPDX-License-Identifier: MIT
//
// The run's eyes: a small git directory of the work tree's own, so that `git describe`, `git log`,
// `git status` and what calls them answer in a run as they do in the user's tree. The work tree has
// a file `.git` that names it; Ratchet itself never opens either.
//
//   <session>/eyes.list   what it holds, but for the two that move: blobs of the private
//                         repository (setup_products.hpp); shared by all lanes
//   <lane>/eyes/          config (ours alone: no hook, filter or include of the user's), HEAD,
//                         packed-refs (the user's branches, tags and remotes as of create()),
//                         objects/info/alternates, info/exclude, shallow; and what moves: the
//                         checked-out branch (HEAD, where detached), and the index
//     modules/<path>/     the same of a submodule that was taken along as it is checked out, at the
//                         commit where the user has it; nothing of it moves
//   <lane>/eyes.seen      the commit that it is at and the sum of its index
//
// HEAD is the commit that the session's private branch is at: the base, then the best (on a worker,
// where nothing is kept, that of the node's last job). The index
// has the files of that commit, with their times where the work tree holds them so.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/git/repository_checks.hpp"
#include "runtime/git/stat_cache.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

/// What the eyes of a session hold from its start to its end. Writes blobs to `repository` (the
/// private one), whose objects are at `private_objects`. Submodules among `taken`, which stand in
/// the work tree as the user has them, get git directories of their own.
std::vector<kept_entry> plan_eyes(git_repository* repository, const std::string& private_objects,
                                  const checked_repository& checked,
                                  const std::vector<std::string>& taken);

/// The bytes of a git index with all files of `tree`. Where `cache` knows a file of the work tree
/// to have the tree's content, its times are in the index; paths in `unwatched` are marked as not
/// to be compared (skip-worktree).
std::string index_of_tree(git_odb* odb, const git_oid& tree, cached_folder& cache,
                          const std::set<std::string>& unwatched);

/// The sum that an index ends with; nothing when it is not the sum of these bytes.
std::optional<git_oid> index_sum(std::string_view bytes);

/// Makes a whole index of the tree `before` one of `after`, where nothing but the content of files
/// differs: says where entries have changed, `index_stat_bytes` each, besides the sum. Nothing
/// where more differs, and `bytes` are of no use then.
inline constexpr std::size_t index_stat_bytes = 60;
std::optional<std::vector<std::size_t>> move_index(std::string& bytes, git_odb* odb,
                                                   const git_oid& before, const git_oid& after,
                                                   cached_folder& cache);

/// The eyes of one work tree. Not for several threads at once.
class run_eyes {
 public:
  /// `lane` is the folder of the session or of one of its lanes, which the eyes lie in.
  run_eyes(git_repository* repository, std::string lane, std::vector<kept_entry> plan);

  /// The work tree's `.git`, and those of the submodules in it.
  const std::vector<kept_entry>& gitfiles() const { return gitfiles_; }
  std::string path() const { return lane_ + "/eyes"; }

  /// Makes them what they should be at this commit. Where nothing was touched since the last call,
  /// that costs a look at some twenty files, and at another commit what moves is written. `dir` is
  /// the lane's folder, `work` knows the work tree.
  void look_after(int dir, const git_oid& head, cached_folder& work,
                  const std::set<std::string>& unwatched);
  /// The files of the work tree were all written again: their times in the index are of no use.
  void forget_index() { index_.reset(); }
  /// Others may write there from here on, until the next look.
  void expect_others() { alone_ = false; }

 private:
  struct seen_path {
    std::string path;
    file_stamp stamp;
    std::int64_t at_ns;
  };
  void add_gitfile(const std::string& at, const std::string& folder);
  bool untouched(int dir);
  /// Whether what moves, if that is at `path`, is as it should be.
  bool holds_moved(int dir, const std::string& path);
  void remember(int eyes);
  void move_to(const git_oid& head);
  void make(int dir, cached_folder& work, const std::set<std::string>& unwatched);
  bool index_is_whole(int eyes);
  bool moving_is_whole(int eyes);
  void write_moved(int dir, int eyes, cached_folder& work, const std::set<std::string>& unwatched);
  /// A whole index of `indexed_` becomes one of `head_`; false where it has to be written anew.
  bool move_index_here(int eyes, cached_folder& work);
  void note_index(int dir);

  git_repository* repository_;
  std::string lane_;
  std::vector<kept_entry> plan_;
  std::string branch_;  ///< full name; empty: HEAD is detached
  std::vector<kept_entry> gitfiles_;
  std::optional<git_oid> head_;
  std::string moving_;               ///< the file that says so: the branch's, or HEAD
  std::vector<kept_entry> entries_;  ///< `plan_` and what moves, without the index
  std::optional<git_oid> index_;     ///< the sum it ends with
  git_oid indexed_{};                ///< the commit that it is of
  bool alone_ = false;               ///< nobody else wrote there since we did
  cached_folder cache_;              ///< of the eyes
  std::vector<seen_path> seen_;
};

}  // namespace ratchet::git
