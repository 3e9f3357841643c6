// SPDX-License-Identifier: MIT
#include "runtime/git/in_place.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

bool same_entry(const git_index_entry* have, const git_tree_entry* want) {
  if (!have || !want) return !have && !want;
  return git_oid_equal(&have->id, git_tree_entry_id(want)) &&
         have->mode == static_cast<std::uint32_t>(git_tree_entry_filemode(want));
}

void copy_times(git_index_entry& entry, const struct stat& now) {
  entry.ctime = {static_cast<std::int32_t>(now.st_ctim.tv_sec),
                 static_cast<std::uint32_t>(now.st_ctim.tv_nsec)};
  entry.mtime = {static_cast<std::int32_t>(now.st_mtim.tv_sec),
                 static_cast<std::uint32_t>(now.st_mtim.tv_nsec)};
  entry.dev = static_cast<std::uint32_t>(now.st_dev);
  entry.ino = static_cast<std::uint32_t>(now.st_ino);
  entry.uid = now.st_uid;
  entry.gid = now.st_gid;
  entry.file_size = static_cast<std::uint32_t>(now.st_size);
}

[[noreturn]] void refuse_unclean(const std::vector<std::string>& paths) {
  refuse(errc::repository_refused,
         "uncommitted work in " + listed(paths) +
             "; commit or stash it, or use workspace \"worktree\", which leaves your tree alone",
         json{{"field", "workspace"}});
}

}  // namespace

preserved_paths look_around(tree_reader& reader, cached_folder& cache, int root,
                            git_repository* user, const git_oid& base_tree,
                            const edit_bounds& bounds) {
  sync_options options;
  options.user_tree = true;
  options.enter_extra = true;
  preserved_paths notes;
  std::vector<std::string> unclean;
  for (const auto& d : tree_sync(reader, cache, options).run(root, base_tree)) {
    bool guarded_path = bounds.allow(d.path) || is_within_any(d.path, bounds.protected_paths);
    if (guarded_path && d.what != found_as::extra) unclean.push_back(d.path);
    if (d.what == found_as::extra && d.folder && !d.repository)
      notes.folders.insert(d.path);
    else
      notes.left_alone.insert(d.path);
  }
  index_ptr index;
  check(git_repository_index(out(index), user), "read the index", errc::repository_refused);
  tree_ptr tree = tree_of(user, base_tree);
  for (const auto& target : targets_in(tree.get(), bounds).files) {
    auto entry = entry_at(tree.get(), target);
    if (!same_entry(git_index_get_bypath(index.get(), target.c_str(), 0), entry.get()) &&
        !std::count(unclean.begin(), unclean.end(), target))
      unclean.push_back(target);
  }
  if (!unclean.empty()) refuse_unclean(unclean);
  return notes;
}

std::string encode_preserved(const preserved_paths& paths) {
  std::string bytes;
  for (const auto& path : paths.left_alone) bytes += 'L' + path + '\0';
  for (const auto& path : paths.folders) bytes += 'F' + path + '\0';
  return bytes;
}

preserved_paths decode_preserved(const std::string& bytes) {
  preserved_paths paths;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t end = bytes.find('\0', at);
    if (end == bytes.npos) break;
    auto& set = bytes[at] == 'F' ? paths.folders : paths.left_alone;
    set.insert(bytes.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return paths;
}

void index_update::prepare(const git_oid& parent, const git_oid& commit) {
  std::string lock = std::string(git_repository_path(user_)) + "index.lock";
  if (::access(lock.c_str(), F_OK) == 0)
    refuse(errc::workspace_failed, "another git process is at work in the repository (" + lock +
                                       " exists); repeat when it is done, or remove that file "
                                       "when none is running");
  check(git_repository_index(out(index_), user_), "read the index");
  check(git_index_read(index_.get(), 0), "read the index");
  tree_ptr before = tree_of(user_, parent);
  tree_ptr after = tree_of(user_, commit);
  std::set<std::string> targets;
  for (const auto& tree : {before.get(), after.get()})
    for (auto& file : targets_in(tree, bounds_).files) targets.insert(std::move(file));
  for (const auto& target : targets) prepare(target, before.get(), after.get());
}

void index_update::prepare(const std::string& target, const git_tree* before,
                           const git_tree* after) {
  auto old_entry = entry_at(before, target);
  auto new_entry = entry_at(after, target);
  const git_index_entry* have = git_index_get_bypath(index_.get(), target.c_str(), 0);
  if (same_entry(have, new_entry.get())) return;
  if (!same_entry(have, old_entry.get()))
    refuse(errc::workspace_failed, "another version of " + target +
                                       " was staged meanwhile; unstage it (git restore --staged " +
                                       target + ") and repeat");
  changed_ = true;
  if (!new_entry) {
    check(git_index_remove(index_.get(), target.c_str(), 0), "take " + target + " off the index");
    return;
  }
  git_index_entry entry{};
  entry.id = *git_tree_entry_id(new_entry.get());
  entry.mode = git_tree_entry_filemode(new_entry.get());
  entry.path = target.c_str();
  auto [folder, name] = split_path(target);
  descriptor dir = open_folder_beneath(root_, folder);
  struct stat now;
  if (auto bytes = dir ? read_regular(dir.get(), name.c_str(), &now) : std::nullopt) {
    git_oid id;
    check(git_odb_hash(&id, bytes->data(), bytes->size(), GIT_OBJECT_BLOB), "hash " + target);
    if (git_oid_equal(&id, &entry.id)) copy_times(entry, now);
  }
  check(git_index_add(index_.get(), &entry), "put " + target + " into the index");
}

void index_update::write() {
  if (changed_) check(git_index_write(index_.get()), "write the index");
}

}  // namespace ratchet::git
