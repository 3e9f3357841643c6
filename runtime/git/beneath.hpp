// SPDX-License-Identifier: MIT
//
// Files reached through directory descriptors, one name at a time, never through a symbolic link:
// whatever a candidate planted in a work tree, nothing outside it is read, written, removed or
// given another mode. Depth and length of paths are not limited by PATH_MAX.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/os/file_descriptor.hpp"

namespace ratchet::git {

using descriptor = file_descriptor;

/// A folder by its full path, which the caller trusts; invalid with errno set on failure.
descriptor open_trusted_folder(const std::string& path);

/// A folder inside `dir`; a link is not followed (ELOOP or ENOTDIR). A folder whose mode keeps its
/// owner out is opened up first (0755). Invalid with errno set on failure.
descriptor open_folder(int dir, const char* name);

/// The folder at a relative path of any depth below `root` ("" is root itself), through no link.
/// Invalid with errno set on failure; ELOOP or ENOTDIR say that something else is in the way.
descriptor open_folder_beneath(int root, std::string_view path);

struct folder_entry {
  std::string_view name;  ///< lives as long as the listing
  unsigned char type;     ///< DT_*; DT_UNKNOWN on file systems that do not tell
};

/// The names in a folder, sorted by bytes, without "." and "..".
class folder_names {
 public:
  /// Refuses when the folder cannot be read.
  explicit folder_names(int dir);
  folder_names(const folder_names&) = delete;
  folder_names& operator=(const folder_names&) = delete;
  const std::vector<folder_entry>& entries() const { return entries_; }

 private:
  std::string bytes_;  ///< the names, each with its NUL
  std::vector<folder_entry> entries_;
};

/// The bytes of a regular file; nothing (errno set) when it is not one or cannot be read.
std::optional<std::string> read_regular(int dir, const char* name, struct stat* status = nullptr);
std::optional<std::string> read_link(int dir, const char* name);
/// The first bytes of a regular file; "" when it is not one or cannot be read.
std::string read_head(int dir, const char* name, std::size_t bytes);
/// Gives a file, or a link itself, its time. Returns how it looks then. Refuses with `path` in the
/// text.
struct stat set_mtime(int dir, const char* name, std::int64_t mtime_ns, const std::string& path);

/// Writes under a temporary name and renames over whatever is there but a folder. The mode is set
/// exactly. Returns the status of the file in place. Refuses with `path` in the text.
struct stat write_regular(int dir, const char* name, std::string_view bytes, mode_t mode,
                          const std::string& path);
/// The same without another file, where the one that is there is ours alone: regular, of no other
/// name (a write would show there) and owner. Nothing otherwise. Not atomic. For the many files
/// that restores write again: file systems make new files slowly when many were just removed (ext4
/// keeps their numbers out of use for minutes and looks past each).
std::optional<struct stat> overwrite_regular(int dir, const char* name, std::string_view bytes,
                                             mode_t mode, const std::string& path);
/// The same into a folder that nobody else knows yet: no temporary name.
struct stat write_new(int dir, const char* name, std::string_view bytes, mode_t mode,
                      const std::string& path);
struct stat write_link(int dir, const char* name, const std::string& target,
                       const std::string& path);

/// A file that was written under a temporary name and is to be put in place, or not, later.
struct staged_file {
  std::string temporary;
};
staged_file stage_regular(int dir, std::string_view bytes, mode_t mode, const std::string& path);

/// Removes whatever has that name, folders with all they hold: unreadable ones, immutable ones,
/// ones nested deeper than PATH_MAX. Absent is success. Refuses with `path` in the text.
void remove_entry(int dir, const char* name, const std::string& path);

/// Replaces a file of ours atomically; with `durable` also on the disk when it returns.
void replace_file(int dir, const char* name, std::string_view bytes, bool durable);

}  // namespace ratchet::git
