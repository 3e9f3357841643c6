// SPDX-License-Identifier: MIT
//
// What a work tree should hold, folder by folder: a git tree's entries, and the links that Ratchet
// adds for shared paths.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

enum class entry_kind : unsigned char {
  file,
  executable,
  link,
  folder,
  empty_folder,  ///< a submodule: its commit is not ours to check out
  shared_link,   ///< ours; points into the user's repository
};

struct wanted_entry {
  std::string name;
  entry_kind kind;
  git_oid id;                 ///< blob or tree; zero for the last two kinds and for folders of ours
  std::string target;         ///< of a shared link
  mode_t mode = 0;            ///< of a product, all nine bits; 0: as git has it
  std::int64_t mtime_ns = 0;  ///< of a product; 0: not known
  bool product = false;       ///< not of the tree: a product, or a folder that holds only such
  bool over_tracked = false;  ///< as of kept_entry
};

/// Sorted by the bytes of the name (git sorts folders otherwise).
using tree_listing = std::vector<wanted_entry>;

/// One link that Ratchet keeps in the work tree.
struct shared_link {
  std::string path;    ///< relative to the work tree
  std::string target;  ///< absolute
};

/// What setup_command or a build left, kept for the session: blobs in the private repository.
struct kept_entry {
  std::string path;
  entry_kind kind;  ///< file, executable, link or empty_folder
  git_oid id{};
  mode_t mode = 0;            ///< nine bits, of files
  std::int64_t mtime_ns = 0;  ///< of files
  bool over_tracked =
      false;  ///< setup's version of a tracked file; otherwise the tree's is stronger

  bool operator==(const kept_entry& o) const {
    return path == o.path && kind == o.kind && git_oid_equal(&id, &o.id) && mode == o.mode &&
           mtime_ns == o.mtime_ns && over_tracked == o.over_tracked;
  }
};

/// Reads listings and keeps them, since one candidate's tree shares nearly all folders with the
/// next one's. Not for several threads at once.
class tree_reader {
 public:
  tree_reader(git_repository* repository, const std::vector<shared_link>& links,
              const std::vector<kept_entry>& kept);

  /// The wanted entries of the folder `path` whose tree is `tree` (null: an empty one). Refuses
  /// trees with names that cannot be in a work tree (`.git`, `..`).
  std::shared_ptr<const tree_listing> listing(const git_oid* tree, const std::string& path);
  std::string blob(const git_oid& id, const std::string& path);
  /// -1 when there is no such blob.
  std::int64_t size_of(const git_oid& id) const;
  git_repository* repository() const { return repository_; }

 private:
  void add(std::string path, wanted_entry entry);
  std::shared_ptr<const tree_listing> plain(const git_oid& tree);

  git_repository* repository_;
  std::map<std::string, std::vector<wanted_entry>> added_;  ///< folder → what is added to it
  std::unordered_map<git_oid, std::shared_ptr<const tree_listing>, oid_hash, oid_equal> known_;
  std::size_t entries_ = 0;
};

}  // namespace ratchet::git
