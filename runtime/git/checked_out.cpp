// SPDX-License-Identifier: MIT
//
// take_as_checked_out(): what the user's tree has in another form than HEAD, copied as it stands.
#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/git/beneath.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/user_tree.hpp"

namespace ratchet::git {

namespace {

/// A copy in the private repository and one in each work tree: what is larger is better shared.
constexpr std::uint64_t most_taken_bytes = 4ULL << 30;
constexpr std::size_t most_taken_files = 200'000;
constexpr std::uint64_t bytes_to_spare = 256ULL << 20;

struct found_file {
  std::string path;
  entry_kind kind;
};

class tree_extent {
 public:
  explicit tree_extent(int root) : root_(root) {}

  void add(const std::string& path) {
    const std::uint64_t before = bytes_;
    auto [folder, name] = split_path(path);
    descriptor at = open_folder_beneath(root_, folder);
    if (at) look(at.get(), name, path, 0);
    if (bytes_ - before >= largest_bytes_) {
      largest_bytes_ = bytes_ - before;
      largest_ = path;
    }
  }

  /// Refuses what is more than `repository` has room for.
  std::vector<found_file> finish(git_repository* repository) {
    struct statvfs disk;
    std::uint64_t room = most_taken_bytes;
    if (::statvfs(git_repository_path(repository), &disk) == 0) {
      const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
      room = std::min(room, free > bytes_to_spare ? (free - bytes_to_spare) / 2 : 0);
    }
    if (bytes_ > room || files_.size() > most_taken_files)
      refuse(errc::invalid_argument,
             "as_checked_out: the submodules and filtered files of your tree have " +
                 std::to_string(files_.size()) + " files of " + std::to_string(bytes_ >> 20) +
                 " MiB, more than the " + std::to_string(most_taken_files) + " files of " +
                 std::to_string(room >> 20) + " MiB that there is room for; " + shown(largest_) +
                 " is the largest: a submodule can be shared instead (shared_paths)",
             json{{"field", "as_checked_out"}});
    return std::move(files_);
  }

 private:
  void look(int dir, const std::string& name, const std::string& path, int depth) {
    struct stat now;
    if (::fstatat(dir, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 || depth > max_tree_depth)
      return;
    if (S_ISLNK(now.st_mode)) {
      files_.push_back({path, entry_kind::link});
    } else if (S_ISREG(now.st_mode)) {
      files_.push_back({path, (now.st_mode & 0100) ? entry_kind::executable : entry_kind::file});
      bytes_ += static_cast<std::uint64_t>(now.st_size);
    } else if (S_ISDIR(now.st_mode)) {
      descriptor folder(
          ::openat(dir, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!folder) refuse_errno("look into " + path + " of your tree");
      files_.push_back({path, entry_kind::empty_folder});
      folder_names names(folder.get());
      for (const auto& entry : names.entries())
        if (possible_name(entry.name))
          look(folder.get(), std::string(entry.name), joined(path, entry.name), depth + 1);
    }
  }

  int root_;
  std::vector<found_file> files_;
  std::uint64_t bytes_ = 0, largest_bytes_ = 0;
  std::string largest_;
};

}  // namespace

std::vector<kept_entry> take_as_checked_out(git_repository* repository, const std::string& root,
                                            const std::vector<std::string>& paths) {
  descriptor top = open_trusted_folder(root);
  if (!top) refuse_errno("open " + root);
  tree_extent all(top.get());
  for (const auto& path : paths) all.add(path);
  std::vector<kept_entry> taken;
  for (auto& file : all.finish(repository)) {
    kept_entry entry{std::move(file.path), file.kind};
    entry.over_tracked = true;  // of a filtered file the tree has the stored form
    if (file.kind != entry_kind::empty_folder) {
      auto [folder, name] = split_path(entry.path);
      descriptor at = open_folder_beneath(top.get(), folder);
      std::optional<std::string> bytes;
      if (at)
        bytes = file.kind == entry_kind::link ? read_link(at.get(), name.c_str())
                                              : read_regular(at.get(), name.c_str());
      if (!bytes) refuse_errno("read " + entry.path + " of your tree");
      check(git_blob_create_from_buffer(&entry.id, repository, bytes->data(), bytes->size()),
            "keep " + entry.path + " as it is checked out");
    }
    taken.push_back(std::move(entry));
  }
  return taken;
}

}  // namespace ratchet::git
