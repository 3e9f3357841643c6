// SPDX-License-Identifier: MIT
//
// Which time (mtime) each tracked file of a work tree is to have.
//
// Build tools compare times: make, cargo, ninja and CMake take an object for up to date when it is
// later than its source; Python's byte code is taken when its source has the whole second and the
// size that it had. So:
//  - a file as the snapshot has it (snapshot_dates: the tree as it stood when its products were
//    recorded) has the snapshot's time, and with the products' own times the order is that of then;
//  - any other content is later than every product of the snapshot, in whole seconds too, and not
//    ahead of the clock where products in the tree are ordered against it;
//  - what is built where no snapshot reaches (a folder outside, a shared one) was built of the
//    content before: as long as nothing shows that builds happen in the tree, each change of
//    content gets a time later than all that was built by then, going back to the snapshot
//    included;
//  - two contents of a path and of one size do not share a second, as far back as `remembered`.
//
// Stored as `dates` beside the stat cache. Absent or damaged it costs a compilation, no more.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

struct dated_blob {
  git_oid blob{};
  std::int64_t mtime_ns = 0;
};

/// The times of tracked files that a snapshot recorded, by path.
using snapshot_dates = std::unordered_map<std::string, dated_blob>;

/// A file with other content than before, whose time is still to be chosen.
struct undated_file {
  std::string path;
  git_oid blob{};
  std::int64_t size = 0;
  /// What was there before, as far as that is known.
  std::optional<dated_blob> before;
  std::int64_t size_before = 0;
};

class file_dates {
 public:
  static constexpr std::size_t remembered = 64;  ///< contents of one path
  static constexpr std::size_t most_paths = 1'000;

  /// A new snapshot; `latest_ns` is the time of its latest product, none without products.
  void snapshot(snapshot_dates dates, std::optional<std::int64_t> latest_ns);
  /// The time that this content is to have; nothing when none was given yet, or one that does not
  /// do any more.
  std::optional<std::int64_t> known(const std::string& path, const git_oid& blob) const;
  /// A time has been given to some content of this path, or the snapshot has one.
  bool has(const std::string& path) const;

  /// Chooses the time of each, now being `now_ns`, and remembers it. When one may only have a time
  /// that is still to come, that time is returned instead and nothing is remembered: call again
  /// then. It is no more than a second away.
  struct choice {
    std::vector<std::int64_t> times;  ///< one a file
    std::int64_t wait_until_ns = 0;   ///< or this
  };
  choice choose(const std::vector<undated_file>& files, std::int64_t now_ns);

  /// A build has written in the tree: what it made there is part of the snapshot or goes.
  void builds_here() { changed_ = changed_ || !builds_here_, builds_here_ = true; }
  bool has_products() const { return latest_ns_.has_value(); }
  bool build_seen() const { return builds_here_; }
  /// In place: the latest product that lies in the tree.
  void latest_product(std::optional<std::int64_t> ns) { latest_ns_ = ns; }

  /// The tree that the tracked files were last made equal to.
  const std::optional<git_oid>& tree() const { return tree_; }
  void now_at(const git_oid& tree) {
    moved_ = moved_ || !tree_ || git_oid_equal(&*tree_, &tree) == 0;
    tree_ = tree;
  }

  /// Nothing is known of any file.
  bool empty() const { return given_.empty() && snapshot_.empty(); }
  bool changed() const { return changed_; }
  bool moved() const { return moved_; }  ///< only the tree is not stored
  std::string save();
  /// Nothing is taken over from what is damaged.
  void load(std::string_view bytes);

 private:
  struct past_content {
    git_oid blob{};
    std::int64_t second = 0;
    std::int64_t size = 0;
  };
  struct path_dates {
    dated_blob now;
    std::vector<past_content> past;  ///< latest last
  };
  std::optional<std::int64_t> time_of(const undated_file& file, std::int64_t now_ns,
                                      std::int64_t& wait_until_ns) const;
  std::int64_t earliest_second() const;
  void remember(const undated_file& file, std::int64_t time_ns);

  snapshot_dates snapshot_;
  std::optional<std::int64_t> latest_ns_;
  bool builds_here_ = false;
  std::map<std::string, path_dates, std::less<>> given_;
  std::optional<git_oid> tree_;
  bool changed_ = false;
  bool moved_ = false;
};

/// The clock that times are chosen by, finer than the one that files are stamped with.
std::int64_t fine_now_ns();

}  // namespace ratchet::git
