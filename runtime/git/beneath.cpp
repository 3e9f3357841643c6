// SPDX-License-Identifier: MIT
#include "runtime/git/beneath.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/git/refusal.hpp"
#include "runtime/os/whole_file.hpp"

namespace ratchet::git {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

void write_or_refuse(int fd, std::string_view bytes, const std::string& path) {
  if (int error = write_all(fd, bytes))
    refuse_errno("write " + path, "free some space or check the disk", error);
}

/// Creates `name`, which must not exist, and fills it. The file is gone again on failure.
descriptor create_filled(int dir, const char* name, std::string_view bytes, mode_t mode,
                         const std::string& path) {
  descriptor file(
      ::openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777));
  if (!file) refuse_errno("create " + path);
  try {
    write_or_refuse(file.get(), bytes, path);
    struct stat now;
    if (::fstat(file.get(), &now) < 0) refuse_errno("look at " + path);
    // The umask may have taken bits away, a default ACL may have added some.
    if ((now.st_mode & 07777) != mode && ::fchmod(file.get(), mode) < 0)
      refuse_errno("set the mode of " + path);
  } catch (...) {
    ::unlinkat(dir, name, 0);
    throw;
  }
  return file;
}

struct stat status_of(int fd, const std::string& path) {
  struct stat now;
  if (::fstat(fd, &now) < 0) refuse_errno("look at " + path);
  return now;
}

}  // namespace

descriptor open_trusted_folder(const std::string& path) {
  return descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

descriptor open_folder(int dir, const char* name) {
  descriptor folder(::openat(dir, name, folder_flags));
  if (!folder && errno == EACCES) {
    struct stat now;
    if (::fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(now.st_mode) &&
        ::fchmodat(dir, name, 0755, AT_SYMLINK_NOFOLLOW) == 0)
      folder = descriptor(::openat(dir, name, folder_flags));
    else
      errno = EACCES;
  }
  return folder;
}

descriptor open_folder_beneath(int root, std::string_view path) {
  if (path.empty()) return descriptor(::openat(root, ".", folder_flags));
  struct open_how how {};
  how.flags = folder_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  static std::atomic<bool> has_openat2{true};
  if (has_openat2 && path.size() < 4000) {
    long fd = ::syscall(SYS_openat2, root, std::string(path).c_str(), &how, sizeof how);
    if (fd >= 0) return descriptor(static_cast<int>(fd));
    // Old kernels lack the call, old seccomp profiles forbid it; neither says anything of the path.
    if (errno == ENOSYS || errno == EPERM)
      has_openat2 = false;
    else if (errno != EACCES && errno != EAGAIN)
      return {};
  }
  descriptor at(::openat(root, ".", folder_flags));
  while (at && !path.empty()) {
    auto slash = path.find('/');
    at = open_folder(at.get(), std::string(path.substr(0, slash)).c_str());
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return at;
}

folder_names::folder_names(int dir) {
  struct kernel_entry {
    std::uint64_t inode;
    std::int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[1];
  };
  if (::lseek(dir, 0, SEEK_SET) < 0) refuse_errno("read a folder of the work tree");
  thread_local std::vector<char> block(64 * 1024);
  std::vector<std::pair<std::size_t, unsigned char>> found;  // where in bytes_, and the type
  for (;;) {
    long n = ::syscall(SYS_getdents64, dir, block.data(), block.size());
    if (n < 0) refuse_errno("read a folder of the work tree");
    if (n == 0) break;
    for (long at = 0; at < n;) {
      const char* raw = block.data() + at;
      unsigned short length;
      std::memcpy(&length, raw + offsetof(kernel_entry, length), sizeof length);
      std::string_view name(raw + offsetof(kernel_entry, name));
      if (name != "." && name != "..") {
        found.emplace_back(bytes_.size(), raw[offsetof(kernel_entry, type)]);
        bytes_.append(name.data(), name.size() + 1);
      }
      at += length;
    }
  }
  entries_.reserve(found.size());
  for (auto [start, type] : found) entries_.push_back({bytes_.c_str() + start, type});
  std::sort(entries_.begin(), entries_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

std::optional<std::string> read_regular(int dir, const char* name, struct stat* status) {
  // O_NONBLOCK: a FIFO in place of the file must not hold us up.
  descriptor file(::openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return std::nullopt;
  struct stat now;
  if (::fstat(file.get(), &now) < 0) return std::nullopt;
  if (status) *status = now;
  if (!S_ISREG(now.st_mode)) {
    errno = EINVAL;
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(now.st_size), '\0');
  std::size_t have = 0;
  for (;;) {
    if (have == bytes.size()) {  // as long as it said, unless it grows: ask for one byte more
      char extra[4096];
      ssize_t n = ::read(file.get(), extra, sizeof extra);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::nullopt;
      if (n == 0) break;
      bytes.append(extra, static_cast<std::size_t>(n));
      have = bytes.size();
      continue;
    }
    ssize_t n = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

std::optional<std::string> read_link(int dir, const char* name) {
  std::string target(256, '\0');
  for (;;) {
    ssize_t n = ::readlinkat(dir, name, target.data(), target.size());
    if (n < 0) return std::nullopt;
    if (static_cast<std::size_t>(n) < target.size()) {
      target.resize(static_cast<std::size_t>(n));
      return target;
    }
    target.resize(target.size() * 2);
  }
}

std::string read_head(int dir, const char* name, std::size_t bytes) {
  descriptor file(::openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat now;
  if (!file || ::fstat(file.get(), &now) < 0 || !S_ISREG(now.st_mode)) return {};
  std::string head(bytes, '\0');
  ssize_t n;
  do n = ::pread(file.get(), head.data(), bytes, 0);
  while (n < 0 && errno == EINTR);
  head.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return head;
}

struct stat set_mtime(int dir, const char* name, std::int64_t mtime_ns, const std::string& path) {
  constexpr std::int64_t second_ns = 1'000'000'000;
  std::int64_t rest = mtime_ns % second_ns;
  if (rest < 0) rest += second_ns;
  struct timespec times[2] = {};
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = (mtime_ns - rest) / second_ns;
  times[1].tv_nsec = rest;
  struct stat now;
  if (::utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ||
      ::fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
    refuse_errno("set the time of " + path);
  return now;
}

staged_file stage_regular(int dir, std::string_view bytes, mode_t mode, const std::string& path) {
  staged_file staged{temporary_name()};
  create_filled(dir, staged.temporary.c_str(), bytes, mode, path);
  return staged;
}

struct stat write_regular(int dir, const char* name, std::string_view bytes, mode_t mode,
                          const std::string& path) {
  std::string temporary = temporary_name();
  descriptor file = create_filled(dir, temporary.c_str(), bytes, mode, path);
  if (::renameat(dir, temporary.c_str(), dir, name) < 0) {
    int error = errno;
    ::unlinkat(dir, temporary.c_str(), 0);
    refuse_errno("put " + path + " in place", "", error);
  }
  return status_of(file.get(), path);  // after the rename, which changes the ctime
}

std::optional<struct stat> overwrite_regular(int dir, const char* name, std::string_view bytes,
                                             mode_t mode, const std::string& path) {
  descriptor file(::openat(dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat now;
  if (!file || ::fstat(file.get(), &now) < 0 || !S_ISREG(now.st_mode) || now.st_nlink != 1 ||
      now.st_uid != ::geteuid())
    return std::nullopt;
  // Shortened last: a file that was emptied first is taken to the disk by ext4 when it is closed.
  write_or_refuse(file.get(), bytes, path);
  if (static_cast<std::uint64_t>(now.st_size) > bytes.size() &&
      ::ftruncate(file.get(), static_cast<off_t>(bytes.size())) < 0)
    refuse_errno("shorten " + path);
  if ((now.st_mode & 07777) != mode && ::fchmod(file.get(), mode) < 0)
    refuse_errno("set the mode of " + path);
  return status_of(file.get(), path);
}

struct stat write_new(int dir, const char* name, std::string_view bytes, mode_t mode,
                      const std::string& path) {
  return status_of(create_filled(dir, name, bytes, mode, path).get(), path);
}

struct stat write_link(int dir, const char* name, const std::string& target,
                       const std::string& path) {
  std::string temporary = temporary_name();
  if (::symlinkat(target.c_str(), dir, temporary.c_str()) < 0)
    refuse_errno("create the link " + path);
  if (::renameat(dir, temporary.c_str(), dir, name) < 0) {
    int error = errno;
    ::unlinkat(dir, temporary.c_str(), 0);
    refuse_errno("put the link " + path + " in place", "", error);
  }
  struct stat now;
  if (::fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0) refuse_errno("look at " + path);
  return now;
}

void replace_file(int dir, const char* name, std::string_view bytes, bool durable) {
  if (int error = put_whole_file(dir, name, bytes, {.durable = durable}))
    refuse_errno(std::string("write ") + name, "", error);
}

}  // namespace ratchet::git
