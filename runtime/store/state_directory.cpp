// SPDX-License-Identifier: MIT
#include "runtime/store/state_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "actors/logic/text.hpp"
#include "runtime/os/file_descriptor.hpp"
#include "runtime/os/whole_file.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

failure system_failure(const std::string& what, const fs::path& path, int reason) {
  std::string hint;
  if (reason == ENOSPC || reason == EDQUOT) hint = " Free space on that file system and try again.";
  if (reason == EACCES || reason == EPERM || reason == EROFS)
    hint = " Make it writable, or use another --state-dir.";
  return fail(
      errc::store_failed,
      what + " " + path.string() + ": " + std::generic_category().message(reason) + "." + hint,
      json{{"file", path.string()}});
}

/// 0 or the error number.
int sync_directory(const fs::path& directory) {
  file_descriptor d(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return d.get() >= 0 && ::fsync(d.get()) == 0 ? 0 : errno;
}

}  // namespace

expected<> make_directory(const fs::path& directory) {
  struct stat found {};
  if (::stat(directory.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return {};
    return system_failure("Cannot use as a directory:", directory, ENOTDIR);
  }
  if (errno != ENOENT) return system_failure("Cannot look at the directory", directory, errno);
  const auto parent = directory.parent_path();
  if (!parent.empty() && parent != directory)
    if (auto above = make_directory(parent); !above) return above;
  // A trailing slash makes parent and directory the same place: EEXIST then.
  if (::mkdir(directory.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    return system_failure("Cannot make the directory", directory, errno);
  }
  if (int reason = sync_directory(parent.empty() ? fs::path(".") : parent))
    return system_failure("Cannot sync the directory", parent, reason);
  return {};
}

expected<> replace_file(const fs::path& file, std::string_view bytes) {
  if (int reason = put_whole_file(file, bytes))
    return system_failure("Cannot write the file", file, reason);
  return {};
}

expected<> check_session_id(std::string_view id) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  if (!id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), fits) &&
      id.find_first_not_of('.') != std::string_view::npos)
    return {};
  return fail(errc::invalid_argument,
              "\"" + one_line(id) + "\" is not a session id: use 1 to 128 of A-Z a-z 0-9 _ . -",
              json{{"field", "session_id"}});
}

}  // namespace ratchet
