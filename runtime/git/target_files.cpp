// SPDX-License-Identifier: MIT
#include "runtime/git/target_files.hpp"

#include <algorithm>

#include "runtime/git/paths.hpp"
#include "runtime/git/repository_checks.hpp"

namespace ratchet::git {

namespace {

bool is_file(const git_tree_entry* entry) {
  const auto mode = git_tree_entry_filemode(entry);
  return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

struct target_walk {
  const edit_bounds& bounds;
  found_targets found;
};

/// Above 0: what is below is passed over.
int visit(const char* root, const git_tree_entry* entry, void* into) {
  auto& walk = *static_cast<target_walk*>(into);
  std::string path = std::string(root) + git_tree_entry_name(entry);
  if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
    return walk.bounds.targets.may_hold(path) ? 0 : 1;
  if (!walk.bounds.allow(path)) return 0;
  if (is_file(entry))
    walk.found.files.push_back(std::move(path));
  else
    walk.found.others.push_back(path + (git_tree_entry_filemode(entry) == GIT_FILEMODE_LINK
                                            ? " (a symbolic link)"
                                            : " (a submodule)"));
  return 0;
}

}  // namespace

bool edit_bounds::allow(std::string_view path) const {
  return targets.contains(path) && !is_within_any(path, protected_paths) &&
         std::find(filtered.begin(), filtered.end(), path) == filtered.end();
}

found_targets targets_in(const git_tree* tree, const edit_bounds& bounds) {
  target_walk walk{bounds, {}};
  if (!bounds.targets.only_names()) {
    check(git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &walk), "list the targets");
    return std::move(walk.found);
  }
  for (const auto& name : bounds.targets.given())
    if (auto entry = entry_at(tree, name); entry && is_file(entry.get()))
      walk.found.files.push_back(name);
  return std::move(walk.found);
}

expected<std::vector<std::string>> targets_in_head(const std::string& repository,
                                                   const std::vector<std::string>& target_files) {
  return guarded([&] {
    session_settings settings;
    settings.repo_path = repository;
    settings.target_files = target_files;
    return check_repository(settings).targets;
  });
}

}  // namespace ratchet::git
