// SPDX-License-Identifier: MIT
//
// The folders of the object cache (object_cache.hpp): which repositories are there, how large they
// are, who uses them, and which one goes when there is no room. Safe for several threads; it does
// not hold its lock while it removes files.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/git/beneath.hpp"
#include "runtime/objects/cached_repository.hpp"

namespace ratchet::git {

std::uint64_t disk_bytes(const struct stat& status);

class stored_repositories;

/// While it lives, its repository is not evicted.
class repository_use {
 public:
  repository_use(std::shared_ptr<stored_repositories> stored, std::string key);
  repository_use(repository_use&&) = default;
  ~repository_use();
  std::string path() const;
  cached_repository& repository();
  /// It has taken so many more bytes on the disk.
  void grow(std::uint64_t bytes);

 private:
  std::shared_ptr<stored_repositories> stored_;
  std::string key_;
  std::shared_ptr<cached_repository> repository_;
};

class stored_repositories : public std::enable_shared_from_this<stored_repositories> {
 public:
  /// `root` and `sessions` are full paths of folders. Refuses when another process has the lock.
  /// Empties incoming/ and frees what sessions held that are gone.
  stored_repositories(std::string root, std::string sessions, std::uint64_t max_bytes);

  /// Marks it as just used.
  std::optional<repository_use> find(const std::string& key);
  repository_use find_or_make(const std::string& key);

  /// A fresh folder in incoming/, its full path.
  std::string make_incoming();
  /// Removes one; never fails.
  void discard(const std::string& incoming) noexcept;

  /// Room for what is about to be written: evicts, or refuses when all else is in use.
  void reserve(std::uint64_t bytes, const std::string& key);
  void give_back(std::uint64_t bytes);

  std::vector<std::string> open_sessions();
  void forget(const std::string& key);
  cache_usage usage();

 private:
  friend class repository_use;
  struct repository {
    std::uint64_t bytes = 0;
    std::int64_t used_ns = 0;
    int uses = 0;
    std::shared_ptr<cached_repository> open;
  };

  std::string path_of(const std::string& key) const { return root_ + "/repositories/" + key; }
  void look_around();
  void drop_lost_sessions(const std::string& key);
  std::vector<std::string> sessions_of(const std::string& key) const;
  void touch(const std::string& key, repository& r);
  /// Renames it into incoming/; the caller removes what is returned once the lock is given back.
  std::string move_out(const std::string& key);
  std::shared_ptr<cached_repository> opened(const std::string& key);

  std::string root_, sessions_;
  std::uint64_t max_bytes_;
  descriptor lock_;
  std::mutex mutex_;
  std::map<std::string, repository> repositories_;
  std::uint64_t bytes_ = 0;     ///< of all repositories
  std::uint64_t reserved_ = 0;  ///< of what is coming in
  std::uint64_t next_ = 0;      ///< name in incoming/
};

}  // namespace ratchet::git
