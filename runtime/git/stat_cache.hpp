// SPDX-License-Identifier: MIT
//
// Which files of a work tree have been read and hashed, and how they looked then, so that a file
// that still looks so need not be read again. A stale, corrupt or absent cache only costs time.
//
// A file "still looks so" when inode, device, size, mode, mtime and ctime are the same and its
// ctime is older than the moment of recording: a change within the same tick of the file system's
// clock would leave no trace, so such entries are read again (git's racy-clean rule).
//
// On disk: "RSC1", the boot id, the folders depth first, and an FNV-1a sum of all before it. A
// cache of another boot is not believed: a power loss can take back bytes but leave the times.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

struct file_stamp {
  std::uint64_t inode = 0, device = 0;
  std::int64_t size = 0, mtime_ns = 0, ctime_ns = 0;
  std::uint32_t mode = 0, links = 0;

  file_stamp() = default;
  explicit file_stamp(const struct stat& s);
  bool operator==(const file_stamp&) const = default;
};

struct cached_file {
  std::string name;
  file_stamp stamp;
  std::int64_t recorded_ns = 0;  ///< the coarse clock before the file was looked at
  git_oid id{};                  ///< of the bytes, or of the link's target
  /// Not stored. The mtime is the one that the file is to have, not just one that was found.
  bool dated = false;

  bool vouches_for(const file_stamp& now) const;
};

struct cached_folder {
  std::vector<cached_file> files;  ///< sorted by name
  std::map<std::string, std::unique_ptr<cached_folder>, std::less<>> folders;

  /// Not stored. The tree that this folder was last made equal to, all of it; unset once anything
  /// else was noted. (Zero: a folder that no tree names.)
  std::optional<git_oid> tree;
  /// Not stored. Still looks as then, with all below it: see vouching.hpp.
  bool vouched = false;

  cached_folder& folder(const std::string& name);
  /// The folder at a relative path below this one, made where it is missing.
  cached_folder& folder_beneath(std::string_view path);
  const cached_folder* find_beneath(std::string_view path) const;
  cached_file* find_file_beneath(const std::string& path);
  cached_file* find(std::string_view name);
  void put(cached_file file);
  void drop(std::string_view name);  ///< as a file and as a folder
};

/// FNV-1a: tells what is torn or damaged.
std::uint64_t checksum(std::string_view bytes);

/// The clock that files are stamped with.
std::int64_t coarse_now_ns();

std::string save_cache(const cached_folder& root);
/// An empty cache when `bytes` is not one, is damaged or of another boot.
std::unique_ptr<cached_folder> load_cache(std::string_view bytes);

}  // namespace ratchet::git
