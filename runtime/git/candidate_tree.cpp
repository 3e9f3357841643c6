// SPDX-License-Identifier: MIT
#include "runtime/git/candidate_tree.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

constexpr std::size_t max_diff_bytes = 256 * 1024;
constexpr git_object_size_t max_text_file_bytes = 8 * 1024 * 1024;
constexpr change_limits no_limits{UINT64_MAX, UINT64_MAX};

void check_path(const std::string& path, const edit_bounds& bounds) {
  auto refused = [&](const std::string& fault) {
    refuse(errc::edit_refused, "the edit names \"" + one_line(path) + "\", which " + fault +
                                   "; edit only the targets: " + listed(bounds.targets.given()));
  };
  if (auto fault = path_fault(path); !fault.empty()) refused(fault);
  if (is_within_any(path, bounds.protected_paths)) refused("is protected");
  if (!bounds.targets.contains(path)) refused("is not a target of this session");
  if (!bounds.allow(path)) refused("goes through a git filter");
}

/// A new file needs folders above it, not files.
void check_above(const git_tree* base, const std::string& path) {
  for (std::string folder = split_path(path).first; !folder.empty();
       folder = split_path(folder).first)
    if (auto entry = entry_at(base, folder);
        entry && git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE)
      refuse(errc::edit_refused, "the edit makes " + one_line(path) + ", but " + folder +
                                     " is no folder in the parent commit; choose another place");
}

struct cut_text {
  std::string text;
  bool cut = false;
};

int add_line(const git_diff_delta*, const git_diff_hunk*, const git_diff_line* line, void* into) {
  auto& out = *static_cast<cut_text*>(into);
  bool marked = line->origin == GIT_DIFF_LINE_CONTEXT || line->origin == GIT_DIFF_LINE_ADDITION ||
                line->origin == GIT_DIFF_LINE_DELETION;
  std::string content = valid_utf8({line->content, line->content_len});
  if (out.text.size() + content.size() + 80 > max_diff_bytes) {
    out.cut = true;
    return 1;
  }
  if (marked) out.text += line->origin;
  out.text += content;
  return 0;
}

}  // namespace

candidate make_candidate(git_repository* repository, const git_oid& parent,
                         const std::vector<file_change>& changes, const edit_bounds& bounds) {
  if (changes.empty())
    refuse(errc::edit_refused,
           "the edit is empty; change at least one target: " + listed(bounds.targets.given()));
  tree_ptr base = tree_of(repository, parent);
  candidate result;
  std::vector<std::string> seen;
  for (const auto& change : changes) {
    check_path(change.path, bounds);
    if (std::find(seen.begin(), seen.end(), change.path) != seen.end())
      refuse(errc::edit_refused, "the edit names \"" + one_line(change.path) +
                                     "\" twice; give the whole change of a file once");
    seen.push_back(change.path);
    auto before = entry_at(base.get(), change.path);
    auto mode = before ? git_tree_entry_filemode(before.get()) : GIT_FILEMODE_BLOB;
    if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE)
      refuse(errc::edit_refused, change.path + " is not a regular file in the parent commit");
    bool was_executable = mode == GIT_FILEMODE_BLOB_EXECUTABLE;
    planned_change planned{
        change.path, std::nullopt, change.executable.value_or(was_executable), !before, {}};
    if (change.content) {
      if (!before) check_above(base.get(), change.path);
      planned.content = *change.content;
      check(git_odb_hash(&planned.blob, change.content->data(), change.content->size(),
                         GIT_OBJECT_BLOB),
            "hash the new text of " + change.path);
      if (before && planned.executable == was_executable &&
          git_oid_equal(&planned.blob, git_tree_entry_id(before.get())))
        continue;
    } else if (!before) {
      refuse(errc::edit_refused, "the edit deletes " + change.path + ", which is already gone");
    }
    result.changes.push_back(std::move(planned));
  }
  if (result.changes.empty())
    refuse(errc::edit_refused,
           "the edit changes no byte of " + listed(seen) + "; propose one that does");
  std::sort(result.changes.begin(), result.changes.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });

  std::vector<changed_path> paths;
  for (const auto& c : result.changes) {
    changed_path path{c.path};
    if (c.content) {
      path.mode = c.executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
      path.how = changed_path::content::whole;
      path.bytes = *c.content;
    }
    paths.push_back(std::move(path));
  }
  odb_ptr odb;
  check(git_repository_odb(out(odb), repository), "open the session's objects");
  auto made = change_tree(odb.get(), *git_tree_id(base.get()), paths, no_limits);
  result.tree = made.id;
  result.objects = std::move(made.objects);
  return result;
}

std::string diff_text(git_repository* repository, const git_oid& parent, const git_oid& tree,
                      const std::vector<planned_change>& changes) {
  tree_ptr before = tree_of(repository, parent);
  tree_ptr after = tree_of(repository, tree);
  std::vector<char*> paths;
  for (const auto& c : changes) paths.push_back(const_cast<char*>(c.path.c_str()));
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_DISABLE_PATHSPEC_MATCH | GIT_DIFF_IGNORE_SUBMODULES;
  options.pathspec = {paths.data(), paths.size()};
  options.max_size = max_text_file_bytes;
  diff_ptr diff;
  check(git_diff_tree_to_tree(out(diff), repository, before.get(), after.get(), &options),
        "compare the candidate with its parent");
  cut_text text;
  int rc = git_diff_print(diff.get(), GIT_DIFF_FORMAT_PATCH, add_line, &text);
  if (rc < 0) check(rc, "write the candidate's diff");
  if (text.cut) {
    if (!text.text.empty() && text.text.back() != '\n') text.text += '\n';
    text.text += "[diff cut at 256 KiB]\n";
  }
  return text.text;
}

}  // namespace ratchet::git
