// SPDX-License-Identifier: MIT
//
// A run that sees the work tree through an overlay (overlayfs, mounted by ratchet-launcher) writes
// nothing in it: what it wrote is in a folder of its own, and thrown away with that. So a work tree
// of many files need not be looked at after each run; it still is now and then, as others than runs
// can write in it.
//
//   <workspace>/overlay-<n>/upper   what the run wrote; a name that it removed is a device 0, 0
//                                   there, a folder that it made anew is marked opaque
//   <workspace>/overlay-<n>/work    overlayfs' own
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/git/tree_sync.hpp"

namespace ratchet::git {

class run_overlay {
 public:
  /// `folder` is the workspace's at `path`, and stays open for longer than this. `session` is for
  /// the log.
  run_overlay(int folder, std::string path, std::string session);
  ~run_overlay();
  run_overlay(const run_overlay&) = delete;
  run_overlay& operator=(const run_overlay&) = delete;

  /// This machine mounted none for an earlier run: it is not asked again.
  bool refused() const { return refused_; }
  /// Makes the folders of the next run and returns where.
  std::string begin();
  /// Of the run that began last. Returns whether there was one that was to be overlaid.
  bool end(bool overlaid);
  /// Between the end of a run that was overlaid and drop(): what is seen lies here first.
  bool shows() const { return shows_; }
  /// What the run wrote goes.
  void drop();
  /// Those of processes that were killed.
  void remove_left();

  /// Only while it shows. The bytes of the regular file at `path` as the run left it, if it is one;
  /// `in_work_tree` when the run did not touch it.
  struct seen_file {
    bool in_work_tree = false;
    std::optional<std::string> bytes;
  };
  seen_file read(const std::string& path, std::size_t max_bytes) const;
  /// Only while it shows. How what the run left at `path` differs from `tree` there.
  std::vector<difference> differences(tree_reader& reader, const sync_options& look,
                                      const git_oid& tree, const std::string& path) const;

 private:
  descriptor upper() const;

  int folder_;
  std::string path_, session_;
  std::string name_;  ///< of the run that is under way or has ended; or empty
  bool shows_ = false;
  bool refused_ = false;
};

/// The bytes of the regular file at `path` below `root` (which messages call `where`), if it is
/// one; refuses one of more than `max_bytes`.
std::optional<std::string> read_limited(int root, const std::string& path, std::size_t max_bytes,
                                        const std::string& where);

}  // namespace ratchet::git
