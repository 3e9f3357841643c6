// SPDX-License-Identifier: MIT
#include "runtime/tls/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "runtime/os/file_descriptor.hpp"
#include "runtime/os/whole_file.hpp"

namespace ratchet::net {

namespace fs = std::filesystem;

namespace {

failure file_failure(const std::string& what, const fs::path& file, int reason) {
  return fail(errc::store_failed,
              what + " " + file.string() + ": " + std::generic_category().message(reason),
              json{{"file", file.string()}});
}

failure refuse(const fs::path& file, const std::string& why) {
  return fail(errc::store_failed, file.string() + " " + why, json{{"file", file.string()}});
}

/// `mounted`: see read_mounted_secret.
expected<std::string> read_secret(const fs::path& file, std::size_t max_bytes, bool mounted) {
  const int no_links = mounted ? 0 : O_NOFOLLOW;
  file_descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | no_links));
  if (opened.get() < 0) return file_failure("cannot read", file, errno);
  struct stat found {};
  if (::fstat(opened.get(), &found) != 0) return file_failure("cannot read", file, errno);
  if (!S_ISREG(found.st_mode)) return refuse(file, "is no plain file");
  const bool by_system = mounted && found.st_uid == 0;
  if (found.st_uid != ::geteuid() && !by_system)
    return refuse(file, "belongs to another user; who owns it can read the secret in it");
  const mode_t too_open = by_system && ::geteuid() != 0 ? 037 : 077;
  if (found.st_mode & too_open)
    return refuse(file,
                  "can be read by others although it holds a secret: `chmod 600` it, and "
                  "replace it if somebody may have looked");
  std::string bytes(max_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto n = ::read(opened.get(), bytes.data() + length, bytes.size() - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_failure("cannot read", file, errno);
    if (n == 0) break;
    length += static_cast<std::size_t>(n);
  }
  if (length > max_bytes) return refuse(file, "is too large to be what it should be");
  bytes.resize(length);
  return bytes;
}

}  // namespace

expected<bool> create_private_file(const fs::path& file, std::string_view bytes) {
  const int reason = put_whole_file(file, bytes, {.mode = 0600, .only_new = true});
  if (reason == EEXIST) return false;
  if (reason) return file_failure("cannot write", file, reason);
  return true;
}

expected<std::string> read_private_file(const fs::path& file, std::size_t max_bytes) {
  return read_secret(file, max_bytes, false);
}

expected<std::string> read_mounted_secret(const fs::path& file, std::size_t max_bytes) {
  return read_secret(file, max_bytes, true);
}

}  // namespace ratchet::net
