// SPDX-License-Identifier: MIT
//
// Compares a work tree with the tree it should be, and makes it so. Content, type, mode and link
// targets count, and the times of files where one is known (of products by the listing, of tracked
// files by file_dates.hpp); what the tree does not name is removed. Works through descriptors only,
// so that nothing a candidate planted leads outside. What was put right is read back and compared.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/git/beneath.hpp"
#include "runtime/git/file_dates.hpp"
#include "runtime/git/stat_cache.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

/// What in the user's own tree (workspace "in_place") was there before us and is not ours to
/// restore or remove: changed tracked paths, untracked files and folders, nested repositories.
struct preserved_paths {
  std::set<std::string, std::less<>> left_alone;
  std::set<std::string, std::less<>> folders;  ///< untracked; new things inside are removed
};

enum class found_as {
  changed,
  missing,
  extra,
  retimed,  ///< only its time differs
};

struct difference {
  std::string path;
  found_as what;
  bool folder = false;
  bool repository = false;  ///< an extra folder with a `.git` of its own; not looked into
  bool product = false;     ///< a product of the snapshot, or extra
};

struct sync_options {
  bool repair = false;         ///< otherwise only report
  bool user_tree = false;      ///< modes count as executable or not; `.git` and submodules stay
  bool loose_modes = false;    ///< modes as git sees them, though the tree is ours
  bool fresh = false;          ///< into an empty folder that nobody else knows yet
  bool trust_written = false;  ///< nobody else could write since the cache was: its times suffice
  bool skip_vouched = false;   ///< what vouch_for_folders() has just seen need not be seen again
  bool enter_extra = false;    ///< report what unknown folders hold, too
  bool enter_repositories = false;  ///< nested repositories, too
  bool times_stand = false;         ///< the files have the times that they are to have from now on
  bool tell_retimed = false;        ///< report what differs in time alone
  bool stamps_only = false;         ///< a product whose stamp has changed counts as changed, unread
  bool products_only = false;       ///< look at no tracked file
  bool tracked_only = false;        ///< leave alone what is not tracked, or linked by us
  const preserved_paths* preserved = nullptr;
  const file_dates* dates = nullptr;
};

class tree_sync {
 public:
  tree_sync(tree_reader& reader, cached_folder& cache, sync_options options)
      : reader_(reader), cache_(cache), options_(options) {}

  /// The differences found (and, with `repair`, put right), a folder before what it holds. Refuses
  /// with workspace_failed when something could not be read, or be put right for certain.
  std::vector<difference> run(int root, const git_oid& tree);
  /// The same for one file or folder of the tree, which the tree need not have.
  std::vector<difference> run_at(int root, const git_oid& tree, const std::string& path);

  /// Files whose content was put right, or found to be other than the last time, and whose time is
  /// still to be chosen.
  std::vector<undated_file> take_undated() { return std::move(undated_); }
  /// What was put right or removed shows that a build compiles in the tree.
  bool build_seen() const { return build_seen_; }

 private:
  struct place {
    int dir;
    std::string path;  ///< of the folder
    cached_folder* cache;
    int depth;
  };

  void folder(const place& here, const git_oid* tree);
  /// The cache entry to keep for it, maybe `cached` moved; `touched` is set when something was put
  /// right.
  std::optional<cached_file> entry(const place& here, const wanted_entry& wanted, bool on_disk,
                                   cached_file* cached, bool& touched);
  void subfolder(const place& here, const wanted_entry& wanted, bool on_disk, bool& touched);
  std::optional<cached_file> file(const place& here, const wanted_entry& wanted, bool on_disk,
                                  cached_file* cached, bool& touched);
  /// The entry of a file with the right content; with `repair` its time is put right, too.
  cached_file in_time(const place& here, const wanted_entry& wanted, const cached_file* cached,
                      const struct stat& status, std::int64_t moment);
  void look_for_build(int dir, const char* name, const std::string& path);
  void extra(const place& here, const char* name, bool is_folder, bool& touched);
  void report_missing(const git_oid* tree, const std::string& path);
  bool type_fits(const wanted_entry& wanted, const struct stat& status) const;
  bool content_fits(const place& here, const wanted_entry& wanted, const struct stat& now) const;
  struct stat write(const place& here, const wanted_entry& wanted, const struct stat* before);
  void verify(const place& here, const tree_listing& wanted,
              const std::vector<const wanted_entry*>& rewritten);

  tree_reader& reader_;
  cached_folder& cache_;
  sync_options options_;
  std::vector<difference> differences_;
  std::vector<undated_file> undated_;
  bool build_seen_ = false;
  int looks_left_ = 500;  ///< for a build's traces
};

}  // namespace ratchet::git
