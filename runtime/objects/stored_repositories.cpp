// SPDX-License-Identifier: MIT
#include "runtime/objects/stored_repositories.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "runtime/git/lanes.hpp"
#include "runtime/git/private_repository.hpp"
#include "runtime/git/publication.hpp"

namespace ratchet::git {

namespace fs = std::filesystem;

namespace {

/// Open handles hold memory-mapped packs.
constexpr std::size_t max_open = 16;

std::int64_t now_ns() {
  struct timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::uint64_t folder_bytes(const std::string& path) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    struct stat now;
    if (::lstat(at->path().c_str(), &now) == 0) sum += disk_bytes(now);
  }
  return sum;
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> found;
  descriptor folder = open_trusted_folder(path);
  if (!folder) return found;
  folder_names names(folder.get());
  for (const auto& entry : names.entries()) found.emplace_back(entry.name);
  return found;
}

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST)
    refuse_errno("make the folder " + path, "check the state directory");
}

}  // namespace

std::uint64_t disk_bytes(const struct stat& status) {
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// -- a use ----------------------------------------------------------------------------------------

repository_use::repository_use(std::shared_ptr<stored_repositories> stored, std::string key)
    : stored_(std::move(stored)), key_(std::move(key)) {}

repository_use::~repository_use() {
  if (!stored_) return;
  std::lock_guard lock(stored_->mutex_);
  --stored_->repositories_.at(key_).uses;
}

std::string repository_use::path() const { return stored_->path_of(key_); }

cached_repository& repository_use::repository() {
  if (!repository_) repository_ = stored_->opened(key_);
  return *repository_;
}

void repository_use::grow(std::uint64_t bytes) {
  std::lock_guard lock(stored_->mutex_);
  stored_->repositories_.at(key_).bytes += bytes;
  stored_->bytes_ += bytes;
}

// -- all of them ----------------------------------------------------------------------------------

stored_repositories::stored_repositories(std::string root, std::string sessions,
                                         std::uint64_t max_bytes)
    : root_(std::move(root)), sessions_(std::move(sessions)), max_bytes_(max_bytes) {
  lock_ = descriptor(::open((root_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_) refuse_errno("open " + root_ + "/lock", "check the state directory");
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) < 0)
    refuse(errc::workspace_failed,
           "another process uses the object cache " + root_ +
               "; give each worker a state directory of its own",
           json{{"in_use", true}});
  make_folder(root_ + "/repositories");
  make_folder(root_ + "/incoming");
  for (const auto& name : names_in(root_ + "/incoming")) discard(root_ + "/incoming/" + name);
  look_around();
}

void stored_repositories::look_around() {
  for (const auto& key : names_in(root_ + "/repositories")) {
    if (!names_session(key)) continue;  // not ours
    drop_lost_sessions(key);
    repository r;
    r.bytes = folder_bytes(path_of(key));
    struct stat now;
    if (::stat((path_of(key) + "/used").c_str(), &now) == 0)
      r.used_ns =
          static_cast<std::int64_t>(now.st_mtim.tv_sec) * 1'000'000'000 + now.st_mtim.tv_nsec;
    bytes_ += r.bytes;
    repositories_.emplace(key, std::move(r));
  }
}

/// A session whose folder is gone holds nothing any more.
void stored_repositories::drop_lost_sessions(const std::string& key) {
  for (const auto& id : sessions_of(key)) {
    struct stat now;
    if (::lstat((sessions_ + "/" + id).c_str(), &now) == 0 || errno != ENOENT) continue;
    ::unlink((path_of(key) + "/" + base_reference(id)).c_str());
    ::rmdir((path_of(key) + "/refs/ratchet/" + id).c_str());
  }
}

std::vector<std::string> stored_repositories::sessions_of(const std::string& key) const {
  auto ids = names_in(path_of(key) + "/refs/ratchet");
  std::erase_if(ids, [&](const auto& id) {
    return ::access((path_of(key) + "/" + base_reference(id)).c_str(), F_OK) != 0;
  });
  return ids;
}

void stored_repositories::touch(const std::string& key, repository& r) {
  r.used_ns = now_ns();
  ::utimensat(AT_FDCWD, (path_of(key) + "/used").c_str(), nullptr, 0);
}

std::optional<repository_use> stored_repositories::find(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto it = repositories_.find(key);
  if (it == repositories_.end()) return std::nullopt;
  touch(key, it->second);
  ++it->second.uses;
  return repository_use(shared_from_this(), key);
}

repository_use stored_repositories::find_or_make(const std::string& key) {
  if (auto found = find(key)) return std::move(*found);
  std::string folder = make_incoming();
  try {
    descriptor at = open_trusted_folder(folder);
    if (!at) refuse_errno("open the folder " + folder);
    make_bare_repository(at.get(), "git", "refs/heads/main");
    write_new(at.get(), "git/used", "", 0644, folder + "/git/used");
    std::lock_guard lock(mutex_);
    auto [it, fresh] = repositories_.try_emplace(key);
    if (fresh && ::rename((folder + "/git").c_str(), path_of(key).c_str()) < 0) {
      repositories_.erase(it);
      refuse_errno("make the repository " + path_of(key));
    }
    if (fresh) bytes_ += it->second.bytes = folder_bytes(path_of(key));
    touch(key, it->second);
    ++it->second.uses;
  } catch (...) {
    discard(folder);
    throw;
  }
  discard(folder);
  return repository_use(shared_from_this(), key);
}

std::shared_ptr<cached_repository> stored_repositories::opened(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto& wanted = repositories_.at(key);
  if (wanted.open) return wanted.open;
  wanted.open = std::make_shared<cached_repository>(path_of(key));
  std::size_t open = 0;
  repository* oldest = nullptr;
  for (auto& [name, r] : repositories_) {
    if (!r.open) continue;
    ++open;
    if (&r != &wanted && (!oldest || r.used_ns < oldest->used_ns)) oldest = &r;
  }
  if (open > max_open) oldest->open.reset();
  return wanted.open;
}

std::string stored_repositories::make_incoming() {
  std::string path;
  {
    std::lock_guard lock(mutex_);
    path = root_ + "/incoming/" + std::to_string(next_++);
  }
  if (::mkdir(path.c_str(), 0700) < 0)
    refuse_errno("make the folder " + path, "check the state directory");
  return path;
}

void stored_repositories::discard(const std::string& incoming) noexcept {
  try {
    descriptor folder = open_trusted_folder(root_ + "/incoming");
    if (folder)
      remove_entry(folder.get(), incoming.substr(incoming.rfind('/') + 1).c_str(), incoming);
  } catch (const refusal& r) {
    spdlog::warn("object cache: {}; the next start tries again", r.why.text);
  } catch (const std::exception& e) {
    spdlog::warn("object cache: cannot remove {}: {}", incoming, e.what());
  }
}

std::string stored_repositories::move_out(const std::string& key) {
  std::string to = root_ + "/incoming/" + std::to_string(next_++);
  if (::rename(path_of(key).c_str(), to.c_str()) < 0 && errno != ENOENT)
    refuse_errno("remove the repository " + path_of(key) + " from the object cache");
  bytes_ -= repositories_.at(key).bytes;
  repositories_.erase(key);
  return to;
}

void stored_repositories::reserve(std::uint64_t bytes, const std::string& key) {
  std::vector<std::string> evicted;
  bool enough = true;
  {
    std::lock_guard lock(mutex_);
    while (bytes_ + reserved_ + bytes > max_bytes_ && enough) {
      auto oldest = repositories_.end();
      for (auto it = repositories_.begin(); it != repositories_.end(); ++it) {
        if (it->first == key || it->second.uses || !sessions_of(it->first).empty()) continue;
        if (oldest == repositories_.end() || it->second.used_ns < oldest->second.used_ns)
          oldest = it;
      }
      if (oldest == repositories_.end())
        enough = false;
      else
        evicted.push_back(move_out(oldest->first));
    }
    if (enough) reserved_ += bytes;
  }
  for (const auto& folder : evicted) discard(folder);
  if (!enough)
    refuse(errc::workspace_failed, "the object cache " + root_ +
                                       " is full: what open sessions need and what is coming in "
                                       "take more than its " +
                                       std::to_string(max_bytes_) +
                                       " bytes; raise the limit or end a session");
}

void stored_repositories::give_back(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  reserved_ -= bytes;
}

std::vector<std::string> stored_repositories::open_sessions() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [key, r] : repositories_)
    for (auto& id : sessions_of(key)) ids.push_back(std::move(id));
  std::sort(ids.begin(), ids.end());
  return ids;
}

void stored_repositories::forget(const std::string& key) {
  std::string folder;
  {
    std::lock_guard lock(mutex_);
    auto it = repositories_.find(key);
    if (it == repositories_.end()) return;
    auto open = sessions_of(key);
    if (!open.empty())
      refuse(errc::session_busy, "session " + open.front() + " has a work tree of the repository " +
                                     key + "; remove it first");
    if (it->second.uses)
      refuse(errc::session_busy, "the repository " + key + " is in use; repeat when it is not");
    folder = move_out(key);
  }
  discard(folder);
}

cache_usage stored_repositories::usage() {
  std::lock_guard lock(mutex_);
  cache_usage now{bytes_ + reserved_, max_bytes_, {}};
  for (const auto& [key, r] : repositories_) now.keys.push_back(key);
  std::sort(now.keys.begin(), now.keys.end(), [&](const auto& a, const auto& b) {
    return repositories_.at(a).used_ns < repositories_.at(b).used_ns;
  });
  return now;
}

}  // namespace ratchet::git
