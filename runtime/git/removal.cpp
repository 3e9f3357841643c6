// SPDX-License-Identifier: MIT
//
// remove_entry(): removing what a candidate left, however it made it hard.
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <vector>

#include "runtime/git/beneath.hpp"
#include "runtime/git/refusal.hpp"

namespace ratchet::git {

namespace {

/// Takes the immutable and append-only marks off, as far as we may.
void unmark(int fd) {
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) return;
  if (!(flags & (FS_IMMUTABLE_FL | FS_APPEND_FL))) return;
  flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
  ::ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

/// False with errno set when the name could not be removed.
bool remove_name(int dir, const char* name, int flags) {
  if (::unlinkat(dir, name, flags) == 0 || errno == ENOENT) return true;
  if (errno != EPERM && errno != EACCES) return false;
  unmark(dir);
  ::fchmod(dir, 0755);
  struct stat now;
  if (::fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
      (S_ISREG(now.st_mode) || S_ISDIR(now.st_mode))) {
    descriptor file(::openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file) unmark(file.get());
  }
  return ::unlinkat(dir, name, flags) == 0 || errno == ENOENT;
}

struct level {
  std::string name;  ///< in the level above
  dev_t device;
  ino_t inode;
  std::vector<std::string> folders;  ///< still to be emptied
};

level look_at(int dir, std::string name, const std::string& path) {
  struct stat now;
  if (::fstat(dir, &now) < 0) refuse_errno("look into " + path);
  return {std::move(name), now.st_dev, now.st_ino, {}};
}

/// Removes all that is not a folder and notes the folders.
void strip(int dir, level& here, const std::string& path) {
  here.folders.clear();
  folder_names names(dir);
  for (const auto& entry : names.entries()) {
    std::string name(entry.name);
    bool folder = entry.type == DT_DIR;
    if (entry.type == DT_UNKNOWN) {
      struct stat now;
      folder = ::fstatat(dir, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(now.st_mode);
    }
    if (folder)
      here.folders.push_back(std::move(name));
    else if (!remove_name(dir, name.c_str(), 0))
      refuse_errno("remove what " + path + " holds");
  }
}

}  // namespace

// One descriptor at a time whatever the depth: back up goes through "..", and only into the very
// folder that we came from.
void remove_entry(int dir, const char* name, const std::string& path) {
  if (::unlinkat(dir, name, 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && remove_name(dir, name, 0)) return;
  if (errno != EISDIR && errno != EPERM && errno != EACCES) refuse_errno("remove " + path);

  descriptor at = open_folder(dir, name);
  if (!at) refuse_errno("look into " + path);
  std::vector<level> levels;
  levels.push_back(look_at(at.get(), name, path));
  strip(at.get(), levels.back(), path);
  for (;;) {
    level& here = levels.back();
    if (!here.folders.empty()) {
      std::string next = std::move(here.folders.back());
      here.folders.pop_back();
      if (remove_name(at.get(), next.c_str(), AT_REMOVEDIR)) continue;
      descriptor below = open_folder(at.get(), next.c_str());
      if (!below) refuse_errno("look into what " + path + " holds");
      unmark(below.get());
      ::fchmod(below.get(), 0755);
      levels.push_back(look_at(below.get(), next, path));
      at = std::move(below);
      strip(at.get(), levels.back(), path);
      continue;
    }
    if (levels.size() == 1) break;
    const level& above = levels[levels.size() - 2];
    descriptor up(::openat(at.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat now;
    if (!up || ::fstat(up.get(), &now) < 0) refuse_errno("come back out of " + path);
    if (now.st_dev != above.device || now.st_ino != above.inode)
      refuse(errc::workspace_failed, "cannot remove " + path + ": it was moved meanwhile");
    if (!remove_name(up.get(), here.name.c_str(), AT_REMOVEDIR))
      refuse_errno("remove what " + path + " holds");
    at = std::move(up);
    levels.pop_back();
  }
  unmark(at.get());
  if (!remove_name(dir, name, AT_REMOVEDIR)) refuse_errno("remove " + path);
}

}  // namespace ratchet::git
