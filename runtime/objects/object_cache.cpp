// SPDX-License-Identifier: MIT
#include "runtime/objects/object_cache.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <optional>

#include "runtime/git/private_repository.hpp"
#include "runtime/git/publication.hpp"
#include "runtime/git/session_workspace.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/objects/cached_repository.hpp"
#include "runtime/objects/stored_repositories.hpp"

namespace ratchet {

namespace {

using namespace git;

void check_key(const std::string& key) {
  if (!names_session(key))
    refuse(errc::invalid_argument, "\"" + key.substr(0, 128) +
                                       "\" cannot be the key of a repository; use 1 to 128 of "
                                       "A-Z a-z 0-9 _ . -");
}

/// Kept commits have one parent each: the first between `commit` and `base` that is not here.
std::optional<git_oid> first_lacking(git_repository* repository, const git_oid& base,
                                     git_oid commit) {
  while (!git_oid_equal(&commit, &base)) {
    commit_ptr found;
    if (git_commit_lookup(out(found), repository, &commit) < 0) return commit;
    if (git_commit_parentcount(found.get()) == 0) break;
    commit = *git_commit_parent_id(found.get(), 0);
  }
  return std::nullopt;
}

class incoming_base final : public base_import {
 public:
  incoming_base(std::shared_ptr<stored_repositories> stored, std::string key, const git_oid& wanted,
                const transfer_limits& limits)
      : stored_(std::move(stored)),
        key_(std::move(key)),
        wanted_(wanted),
        folder_(stored_->make_incoming()),
        pack_(std::make_unique<incoming_pack>(folder_, limits)) {}
  ~incoming_base() override {
    pack_.reset();  // its own file goes first
    stored_->discard(folder_);
    stored_->give_back(reserved_);
  }

  expected<> append(std::string_view chunk) override {
    return guarded([&] {
      if (!pack_) refuse(errc::internal, "the base that arrives goes on after it failed or ended");
      try {
        stored_->reserve(chunk.size(), key_);
        reserved_ += chunk.size();
        pack_->append(chunk);
      } catch (...) {
        pack_.reset();
        throw;
      }
    });
  }

  expected<std::string> finish() override {
    return guarded([&] {
      if (!pack_) refuse(errc::internal, "the base that arrives ended twice, or after it failed");
      auto pack = std::move(pack_);
      git_oid tree;
      std::string name = pack->finish(wanted_, tree);
      pack.reset();
      auto use = stored_->find_or_make(key_);
      // The index makes a pack visible: it comes last.
      std::uint64_t bytes = 0;
      for (const char* suffix : {".pack", ".idx"}) {
        std::string from = folder_ + "/" + name + suffix;
        std::string to = use.path() + "/objects/pack/" + name + suffix;
        struct stat now;
        bool known = ::stat(to.c_str(), &now) == 0;
        if (!known && ::stat(from.c_str(), &now) == 0) bytes += disk_bytes(now);
        if (::rename(from.c_str(), to.c_str()) < 0)
          refuse_errno("put the base that arrived into " + use.path());
      }
      use.grow(bytes);
      return hex(tree);
    });
  }

 private:
  std::shared_ptr<stored_repositories> stored_;
  std::string key_;
  git_oid wanted_;
  std::string folder_;
  std::unique_ptr<incoming_pack> pack_;
  std::uint64_t reserved_ = 0;
};

class object_cache final : public object_cache_port {
 public:
  object_cache(std::shared_ptr<stored_repositories> stored, std::string sessions,
               const transfer_limits& limits)
      : stored_(std::move(stored)), sessions_(std::move(sessions)), limits_(limits) {}

  expected<bool> has(const std::string& key, const std::string& id) override {
    return guarded([&] {
      check_key(key);
      git_oid wanted = parse_id(id, "object");
      auto use = stored_->find(key);
      if (!use) return false;
      auto& repository = use->repository();
      std::lock_guard lock(repository.in_use);
      return repository.has(wanted);
    });
  }

  expected<std::unique_ptr<base_import>> import_base(const std::string& key,
                                                     const std::string& commit) override {
    return guarded([&]() -> std::unique_ptr<base_import> {
      check_key(key);
      git_oid wanted = parse_id(commit, "commit");
      return std::make_unique<incoming_base>(stored_, key, wanted, limits_);
    });
  }

  expected<std::string> import_change(const std::string& key, const std::string& base,
                                      std::string_view change) override {
    return guarded([&] {
      check_key(key);
      git_oid from = parse_id(base, "base");
      auto use = stored_->find(key);
      if (!use)
        refuse(errc::workspace_failed,
               "nothing of the repository " + key + " is here; send its base first",
               json{{"missing", base}});
      auto& repository = use->repository();
      std::lock_guard lock(repository.in_use);
      auto objects = repository.read_change(change, from, limits_);
      stored_->reserve(objects.bytes, key);
      std::uint64_t stored = 0;
      try {
        stored = repository.store(objects);
      } catch (...) {
        stored_->give_back(objects.bytes);
        throw;
      }
      stored_->give_back(objects.bytes);
      use->grow(stored);
      return hex(objects.wanted);
    });
  }

  expected<workspace_info> open_work_tree(
      const std::string& session_id, const std::string& key, const std::string& commit,
      const session_settings& settings, const std::map<std::string, std::string>& shared) override {
    return guarded([&] {
      check_key(key);
      check_work_tree_id(session_id);
      git_oid wanted = parse_id(commit, "commit");
      auto use = stored_->find(key);  // not evicted from here on
      if (!use)
        refuse(errc::workspace_failed,
               "nothing of the repository " + key + " is here; send its base first",
               json{{"missing", commit}});
      auto checked = check_cached(use->path(), wanted, settings, shared);
      return session_workspace::create(sessions_, session_id, checked, workspace_kind::worktree, {})
          ->info();
    });
  }

  expected<std::string> move_head(const std::string& session_id,
                                  const std::string& commit) override {
    return guarded([&]() -> std::string {
      check_work_tree_id(session_id);
      const git_oid wanted = parse_id(commit, "commit");
      auto opened = join_private_repository(sessions_ + "/" + session_id);
      auto* repository = opened.repository.get();
      const std::string name = head_reference(session_id);
      git_oid base{}, at{};
      if (read_reference(repository, name, at) && git_oid_equal(&at, &wanted)) return "";
      odb_ptr odb;
      check(git_repository_odb(out(odb), repository), "open the objects of " + session_id);
      if (!resolve(odb.get(), wanted).commit) return "";
      read_reference(repository, session_branch(session_id), base);
      if (auto lacking = first_lacking(repository, base, wanted)) return hex(*lacking);
      reference_ptr moved;
      check(git_reference_create(out(moved), repository, name.c_str(), &wanted, 1,
                                 "ratchet: the node's best"),
            "move the run's view of git to " + commit);
      return "";
    });
  }

  expected<std::vector<std::string>> open_sessions() override {
    return guarded([&] { return stored_->open_sessions(); });
  }

  expected<> forget(const std::string& key) override {
    return guarded([&] {
      check_key(key);
      stored_->forget(key);
    });
  }

  expected<cache_usage> usage() override {
    return guarded([&] { return stored_->usage(); });
  }

 private:
  std::shared_ptr<stored_repositories> stored_;
  std::string sessions_;
  transfer_limits limits_;
};

}  // namespace

expected<std::shared_ptr<object_cache_port>> open_object_cache(
    const std::filesystem::path& state_dir, const object_cache_limits& limits) {
  return guarded([&]() -> std::shared_ptr<object_cache_port> {
    std::error_code error;
    for (const char* folder : {"sessions", "object_cache"}) {
      std::filesystem::create_directories(state_dir / folder, error);
      if (error)
        refuse(errc::workspace_failed, "cannot use the state directory " + state_dir.string() +
                                           ": " + error.message() +
                                           "; choose one that you may write to");
    }
    std::string sessions = std::filesystem::canonical(state_dir / "sessions").string();
    auto stored = std::make_shared<stored_repositories>(
        std::filesystem::canonical(state_dir / "object_cache").string(), sessions,
        limits.max_bytes);
    return std::make_shared<object_cache>(std::move(stored), sessions, limits.transfer);
  });
}

}  // namespace ratchet
