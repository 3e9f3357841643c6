// SPDX-License-Identifier: MIT
//
// How a candidate travels to a worker on another machine: as git objects. The node exports a base
// once, as a pack, and then only what each candidate changes; the worker keeps both in a cache and
// cuts its work trees from there. Ids are 40 hexadecimal digits. As with every port, none throws,
// all may be called from several threads at once and all block.
//
// Trees arrive whole or not at all: a tree that the cache has can be checked out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ports/workspace_port.hpp"

namespace ratchet {

/// What a sender may make this machine store or hold in memory.
struct transfer_limits {
  std::uint64_t pack_bytes = 4ULL << 30;       ///< a base as it travels
  std::uint64_t inflated_bytes = 16ULL << 30;  ///< its objects, and the files of its work tree
  std::uint64_t object_bytes = 1ULL << 30;     ///< one object; each is held in memory whole
  std::uint64_t objects = 1'000'000;           ///< of a base, and the files of its work tree
  std::uint64_t change_bytes = 64ULL << 20;    ///< the changed files of one candidate together
};

/// Takes one piece of a stream, at most `max_chunk_bytes`; its failure ends the export.
using chunk_sink = std::function<expected<>(std::string_view chunk)>;
constexpr std::size_t max_chunk_bytes = 1U << 20;

/// The node's side: the objects of a session, which its private repository has or borrows. Reads
/// only; may run beside any step of the session.
class object_source_port {
 public:
  virtual ~object_source_port() = default;

  /// The same for all sessions of one repository on this node; 40 hexadecimal digits.
  virtual expected<std::string> repository_key(const std::string& session_id) = 0;
  /// Streams all that `commit` (or a tree) needs to be checked out, without its history, as one
  /// pack; returns its bytes. Holds one object at a time. `repository_refused` beyond the limits.
  virtual expected<std::uint64_t> export_base(const std::string& session_id,
                                              const std::string& commit,
                                              const chunk_sink& sink) = 0;
  /// What makes `wanted` of `base` (each a commit or a tree; a wanted commit travels along).
  /// `repository_refused` when more changed than may travel as a change: export it as a base then.
  virtual expected<std::string> export_change(const std::string& session_id,
                                              const std::string& base,
                                              const std::string& wanted) = 0;
};

/// A base on its way in. Destroyed before finish() has succeeded, it leaves nothing. For one thread
/// at a time.
class base_import {
 public:
  virtual ~base_import() = default;
  /// In order. After a failure there is nothing to do but to destroy it.
  virtual expected<> append(std::string_view chunk) = 0;
  /// Every object was hashed, and `commit` is whole: only now does the cache have it. Returns the
  /// id of its tree.
  virtual expected<std::string> finish() = 0;
};

struct cache_usage {
  std::uint64_t bytes = 0;  ///< on the disk
  std::uint64_t max_bytes = 0;
  std::vector<std::string> keys;  ///< least recently used first
};

/// The worker's side: objects of repositories on nodes, by key, in a cache of bounded size.
///
/// Failures: `invalid_argument` for ids and keys (1 to 128 of A-Z a-z 0-9 _ . -) that are none;
/// `repository_refused` for what is beyond the limits; `workspace_failed` for what is damaged, does
/// not fit into the cache, or needs objects that are not here (details {"missing": id}: one of
/// them). What was refused leaves nothing.
class object_cache_port {
 public:
  virtual ~object_cache_port() = default;

  /// Whether this commit or tree can be checked out.
  virtual expected<bool> has(const std::string& key, const std::string& id) = 0;
  /// `commit` is what the stream must bring: a commit or a tree.
  virtual expected<std::unique_ptr<base_import>> import_base(const std::string& key,
                                                             const std::string& commit) = 0;
  /// Takes what export_change() gave and returns the id of the tree or commit it makes, which is
  /// exactly the wanted one. Open work trees see it at once.
  virtual expected<std::string> import_change(const std::string& key, const std::string& base,
                                              std::string_view change) = 0;
  /// What workspace_port's create() is on a node: cuts a work tree from `commit`, which must be
  /// here as a commit. From here on that port does the rest, remove() too, and create() of its
  /// lanes. Until removed it keeps the objects of `key` from being evicted.
  /// `shared` has this machine's absolute path for each of the settings' shared paths.
  virtual expected<workspace_info> open_work_tree(
      const std::string& session_id, const std::string& key, const std::string& commit,
      const session_settings& settings, const std::map<std::string, std::string>& shared) = 0;
  /// The run's own view of git (workspace_info::private_paths) is at `commit` from the next
  /// restore() on, in all of the session's work trees; a tree's id moves nothing. Empty when that
  /// is done, else the id of a commit between base and `commit` that has to be imported first.
  virtual expected<std::string> move_head(const std::string& session_id,
                                          const std::string& commit) = 0;
  /// The sessions that have a work tree from here, also those of an earlier process.
  virtual expected<std::vector<std::string>> open_sessions() = 0;
  /// Drops the objects of `key`, damaged ones maybe. Refused while a session has a work tree from
  /// there. Absent is success.
  virtual expected<> forget(const std::string& key) = 0;
  virtual expected<cache_usage> usage() = 0;
};

}  // namespace ratchet
