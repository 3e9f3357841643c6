// SPDX-License-Identifier: MIT
#include "runtime/git/spare_trees.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "actors/logic/hex.hpp"
#include "runtime/git/refusal.hpp"
#include "runtime/git/stat_cache.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t oldest_s = 7 * 86'400;
constexpr std::uint64_t share_of_free_space = 20;
constexpr const char* being_put = ".put-";

std::string folder_of(const std::string& repository) {
  const auto sum = checksum(repository);
  return to_hex({reinterpret_cast<const char*>(&sum), sizeof sum});
}

/// Makes and opens it; invalid when that cannot be.
descriptor made_folder(int at, const std::string& name) {
  if (::mkdirat(at, name.c_str(), 0700) < 0 && errno != EEXIST) return {};
  return open_folder(at, name.c_str());
}

std::uint64_t bytes_in(const std::string& name) {
  std::uint64_t bytes = 0;
  const auto dot = name.rfind('.');
  if (dot != name.npos) std::from_chars(name.data() + dot + 1, name.data() + name.size(), bytes);
  return bytes;
}

}  // namespace

std::vector<spare_trees::spare> spare_trees::all(int folder) const {
  std::vector<spare> found;
  folder_names repositories(folder);
  for (const auto& r : repositories.entries()) {
    const std::string repository(r.name);
    descriptor at = open_folder(folder, repository.c_str());
    if (!at) continue;
    folder_names names(at.get());
    for (const auto& n : names.entries()) {
      const std::string name(n.name);
      struct stat now;
      if (::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0)
        found.push_back({repository, name, now.st_ctim.tv_sec, bytes_in(name)});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.left_at_s > b.left_at_s; });
  return found;
}

void spare_trees::remove(int folder, const spare& old) const {
  descriptor at = open_folder(folder, old.repository.c_str());
  if (at) remove_entry(at.get(), old.name.c_str(), folder_ + "/" + old.repository);
  ::unlinkat(folder, old.repository.c_str(), AT_REMOVEDIR);  // not empty while there are others
}

bool spare_trees::put(const std::string& repository, const std::string& name, std::uint64_t bytes,
                      int workspace) try {
  if (::mkdir(folder_.c_str(), 0700) < 0 && errno != EEXIST) return false;
  descriptor folder = open_trusted_folder(folder_);
  struct statvfs disk;
  if (!folder || ::fstatvfs(folder.get(), &disk) < 0) return false;
  const std::uint64_t room =
      static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize / share_of_free_space;
  std::uint64_t taken = bytes;
  for (const auto& one : all(folder.get())) {
    const bool old = one.left_at_s + oldest_s < std::time(nullptr);
    const bool fits = taken + one.bytes <= room;
    if (fits && !old)
      taken += one.bytes;
    else
      remove(folder.get(), one);
  }
  if (taken > room) return false;
  descriptor at = made_folder(folder.get(), folder_of(repository));
  if (!at) return false;
  const std::string whole = name + "." + std::to_string(bytes), part = being_put + whole;
  descriptor fresh = made_folder(at.get(), part);
  if (!fresh || ::renameat(workspace, "work", fresh.get(), "work") < 0) return false;
  ::renameat(workspace, "stat_cache", fresh.get(), "stat_cache");
  ::renameat2(at.get(), part.c_str(), at.get(), whole.c_str(), RENAME_NOREPLACE);
  return true;
} catch (const refusal&) {
  return false;
}

bool spare_trees::take(const std::string& repository, int workspace) try {
  descriptor folder = open_trusted_folder(folder_);
  if (!folder) return false;
  for (const auto& one : all(folder.get())) {
    if (one.repository != folder_of(repository) || one.name.starts_with(being_put)) continue;
    descriptor at = open_folder(folder.get(), one.repository.c_str());
    // Another session may be quicker.
    if (!at || ::renameat(at.get(), one.name.c_str(), workspace, "spare") < 0) continue;
    descriptor had = open_folder(workspace, "spare");
    const bool moved = had && ::renameat(had.get(), "work", workspace, "work") == 0;
    if (moved) ::renameat(had.get(), "stat_cache", workspace, "stat_cache");
    remove_entry(workspace, "spare", folder_);
    if (moved) return true;
  }
  return false;
} catch (const refusal&) {
  return false;
}

}  // namespace ratchet::git
