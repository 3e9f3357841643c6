// SPDX-License-Identifier: MIT
//
// A node with one session and a worker with an object cache, and trees of any content made with
// libgit2 alone, so that what travels is compared with what another program wrote.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/git/git2.hpp"
#include "runtime/git/object_cache.hpp"
#include "runtime/git/object_source.hpp"
#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace ratchet::test {

/// One entry of a tree that a test makes; a folder's name must not also be a file's.
struct planted {
  unsigned mode = 0100644;  ///< 040000: an empty folder, which git itself never writes
  std::string bytes;        ///< of a submodule: ignored
};
using planted_files = std::map<std::string, planted>;

/// Writes it as a tree; returns its id.
git_oid plant(git_repository* repository, const planted_files& files);
/// What is in a tree, read with libgit2.
planted_files harvest(git_repository* repository, const std::string& tree);
inline bool operator==(const planted& a, const planted& b) {
  return a.mode == b.mode && a.bytes == b.bytes;
}

class transfer_laboratory {
 public:
  explicit transfer_laboratory(const object_cache_limits& limits = {},
                               const transfer_limits& sender = {});
  /// The worker's process ends and starts anew.
  void restart_worker(const object_cache_limits& limits = {});

  std::string base_pack(const std::string& id);
  /// Sends it in pieces of `step` bytes.
  expected<std::string> take_base(const std::string& key, const std::string& id,
                                  std::string_view pack, std::size_t step = 1000);
  /// Base by pack; must succeed.
  void send_base(const std::string& key, const std::string& id);
  /// What is not whole and not removed yet.
  std::size_t leftovers() const;
  git::repository_ptr cached(const std::string& key) const;

  temp_repository repo;
  std::shared_ptr<workspace_port> node;
  workspace_info base;  ///< of session "s" on the node
  std::shared_ptr<object_source_port> source;
  git::repository_ptr objects;  ///< the private repository of session "s"
  std::filesystem::path worker_state;
  std::shared_ptr<object_cache_port> cache;
  std::shared_ptr<workspace_port> worker;
};

}  // namespace ratchet::test
