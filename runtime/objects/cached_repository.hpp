// SPDX-License-Identifier: MIT
//
// One repository of the object cache (object_cache.hpp) and what comes into it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ports/object_ports.hpp"
#include "runtime/git/git2.hpp"
#include "runtime/git/repository_checks.hpp"
#include "runtime/git/tree_change.hpp"
#include "runtime/objects/pack_stream.hpp"

namespace ratchet::git {

/// What a change brings, made and checked but not stored.
struct change_objects {
  std::vector<new_object> objects;
  git_oid wanted{};
  std::uint64_t bytes = 0;  ///< an upper bound of what they take on the disk
};

/// Open handles of one repository. Not for several threads at once: `in_use` serialises them.
class cached_repository {
 public:
  /// `path` is a bare repository.
  explicit cached_repository(const std::string& path);

  /// Whether the tree, or the commit's tree, is here (and so is all below it).
  bool has(const git_oid& id);
  change_objects read_change(std::string_view change, const git_oid& base,
                             const transfer_limits& limits);
  /// Returns the bytes that they took on the disk.
  std::uint64_t store(const change_objects& change);
  const std::string& path() const { return path_; }

  std::mutex in_use;

 private:
  std::string path_;
  repository_ptr repository_;
  odb_ptr odb_;
};

/// A pack on its way into a folder of its own.
class incoming_pack {
 public:
  /// `folder` exists and is empty.
  incoming_pack(std::string folder, const transfer_limits& limits);
  /// Refuses what is beyond the limits or damaged, and when the disk is nearly full.
  void append(std::string_view chunk);
  /// Refuses when the pack is not whole or does not have all that `wanted` needs. Returns the name
  /// of the pack, without ".pack", in the folder, and its tree.
  std::string finish(const git_oid& wanted, git_oid& tree);

 private:
  std::string folder_;
  transfer_limits limits_;
  pack_check check_;
  std::unique_ptr<git_indexer, freed_by<git_indexer_free>> indexer_;
};

/// What check_repository() is for a node's repository: the base of a session that works from a
/// cached one. `git_dir` is bare; `shared` has the absolute path for each shared path.
checked_repository check_cached(const std::string& git_dir, const git_oid& commit,
                                const session_settings& settings,
                                const std::map<std::string, std::string>& shared);

}  // namespace ratchet::git
