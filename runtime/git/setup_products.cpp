// SPDX-License-Identifier: MIT
#include "runtime/git/setup_products.hpp"

#include <fcntl.h>

#include <algorithm>

#include "runtime/git/in_place.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

char letter(entry_kind kind) {
  return kind == entry_kind::file         ? 'f'
         : kind == entry_kind::executable ? 'x'
         : kind == entry_kind::link       ? 'l'
                                          : 'd';
}

git_oid stored(git_repository* repository, const std::string& bytes, const std::string& path) {
  git_oid id;
  check(git_blob_create_from_buffer(&id, repository, bytes.data(), bytes.size()),
        "keep " + path + ", which the setup command made");
  return id;
}

bool is_gitfile_of_submodule(const git_tree* tree, const difference& d) {
  auto [folder, name] = split_path(d.path);
  if (name != ".git" || d.folder) return false;
  auto entry = entry_at(tree, folder);
  return entry && git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_COMMIT;
}

}  // namespace

std::string encode_setup(const std::vector<kept_entry>& kept) {
  std::string bytes;
  for (const auto& entry : kept) {
    bytes += letter(entry.kind);
    bytes += hex(entry.id) + entry.path + '\0';
  }
  return bytes + 'E' + '\0';
}

std::vector<kept_entry> decode_setup(const std::string& bytes) {
  std::vector<kept_entry> kept;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t end = bytes.find('\0', at);
    if (end == bytes.npos) break;
    std::string_view entry(bytes.data() + at, end - at);
    if (entry == "E") return kept;
    if (entry.size() < 42) break;
    auto kind = entry[0] == 'f'   ? entry_kind::file
                : entry[0] == 'x' ? entry_kind::executable
                : entry[0] == 'l' ? entry_kind::link
                                  : entry_kind::empty_folder;
    kept.push_back({std::string(entry.substr(41)), kind, parse_id(entry.substr(1, 40), "blob")});
    at = end + 1;
  }
  refuse(errc::workspace_failed,
         "the list of what the setup command made is damaged; start a new "
         "session");
}

void session_workspace::keep_setup() {
  descriptor work = work_or_refuse();
  drop_overlay();
  forget_content();
  sync_options look = options(false);
  look.enter_extra = true;
  look.loose_modes = true;
  look.enter_repositories = !record_.in_place();
  auto found = tree_sync(*reader_, *cache_, look).run(work.get(), record_.base_tree);
  auto ours = [&](const difference& d) {  // the commit's version counts, whatever setup did
    return std::count(record_.target_files.begin(), record_.target_files.end(), d.path) ||
           (d.what != found_as::extra && is_within_any(d.path, record_.protected_paths));
  };
  if (record_.in_place()) {
    for (const auto& d : found) {
      if (ours(d)) continue;
      if (d.what == found_as::extra && d.folder && !d.repository)
        preserved_.folders.insert(d.path);
      else
        preserved_.left_alone.insert(d.path);
    }
    replace_file(folder_.get(), "preserved", encode_preserved(preserved_), true);
    return;
  }
  std::vector<kept_entry> kept = kept_;
  tree_ptr base = tree_of(private_.get(), record_.base_tree);
  for (const auto& d : found) {
    // The run's view of git is ours: what setup did to that does not last, nor does the `.git` of a
    // submodule that it filled, which names a folder there.
    if (ours(d) || d.what == found_as::missing || is_within(d.path, ".git")) continue;
    if (is_gitfile_of_submodule(base.get(), d)) continue;
    kept.erase(
        std::remove_if(kept.begin(), kept.end(), [&](const auto& k) { return k.path == d.path; }),
        kept.end());
    auto [folder, name] = split_path(d.path);
    descriptor at = open_folder_beneath(work.get(), folder);
    struct stat now;
    if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) continue;
    if (S_ISDIR(now.st_mode)) {
      if (d.what == found_as::extra) kept.push_back({d.path, entry_kind::empty_folder});
    } else if (S_ISLNK(now.st_mode)) {
      if (auto target = read_link(at.get(), name.c_str()))
        kept.push_back({d.path, entry_kind::link, stored(private_.get(), *target, d.path)});
    } else if (S_ISREG(now.st_mode)) {
      auto bytes = read_regular(at.get(), name.c_str());
      if (!bytes) refuse_errno("read " + d.path + ", which the setup command made");
      kept.push_back({d.path, (now.st_mode & 0100) ? entry_kind::executable : entry_kind::file,
                      stored(private_.get(), *bytes, d.path)});
    }
  }
  replace_file(folder_.get(), "setup", encode_setup(kept), false);
  kept_ = std::move(kept);
  make_reader();
}

}  // namespace ratchet::git
