// SPDX-License-Identifier: MIT
#include "runtime/os/whole_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>

#include "runtime/os/file_descriptor.hpp"

namespace ratchet {

namespace {

int error_of(int result) { return result < 0 ? errno : 0; }

int fill(int dir, const char* name, std::string_view bytes, const whole_file& how) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  file_descriptor file(::openat(dir, name, flags, how.mode));
  if (!file) return errno;
  int error = write_all(file.get(), bytes);
  if (!error && how.durable) error = error_of(::fsync(file.get()));
  const int closed = error_of(::close(file.release()));  // some file systems write only now
  return error ? error : closed;
}

/// Of two that make a new file at once one wins: a link fails where the name is taken.
int put_in_place(int dir, const char* temporary, const char* name, bool only_new) {
  if (!only_new) return error_of(::renameat(dir, temporary, dir, name));
  const int error = error_of(::linkat(dir, temporary, dir, name, 0));
  ::unlinkat(dir, temporary, 0);
  return error;
}

}  // namespace

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor, POLLOUT, 0};
      ::poll(&writable, 1, 1000);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string temporary_name() {
  static std::atomic<unsigned long> counter{0};
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return ".ratchet-" + std::to_string(::getpid()) + "-" + std::to_string(now.tv_nsec) + "-" +
         std::to_string(counter++);
}

int put_whole_file(int dir, const char* name, std::string_view bytes, const whole_file& how) {
  const std::string temporary = temporary_name();
  int error = fill(dir, temporary.c_str(), bytes, how);
  if (!error) error = put_in_place(dir, temporary.c_str(), name, how.only_new);
  if (error) ::unlinkat(dir, temporary.c_str(), 0);
  return error || !how.durable ? error : error_of(::fsync(dir));
}

int put_whole_file(const std::filesystem::path& file, std::string_view bytes,
                   const whole_file& how) {
  const auto folder = file.has_parent_path() ? file.parent_path() : ".";
  file_descriptor dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return dir ? put_whole_file(dir.get(), file.filename().c_str(), bytes, how) : errno;
}

}  // namespace ratchet
