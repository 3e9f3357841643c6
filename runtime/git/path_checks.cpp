// SPDX-License-Identifier: MIT
#include "runtime/git/path_checks.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "actors/logic/text.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse_path(const std::string& field, const std::string& given,
                              const std::string& fault, const std::string& allowed) {
  refuse(errc::invalid_argument, field + ": \"" + one_line(given) + "\" " + fault + "; " + allowed,
         json{{"field", field}, {"given", valid_utf8(given)}});
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string filter_of(git_repository* repository, const std::string& path) {
  const char* filter = nullptr;
  int rc =
      git_attr_get(&filter, repository, GIT_ATTR_CHECK_FILE_THEN_INDEX, path.c_str(), "filter");
  return rc == 0 && git_attr_value(filter) == GIT_ATTR_VALUE_STRING ? filter : "";
}

class target_check {
 public:
  target_check(const checked_repository& checked, const git_tree* tree, std::string field)
      : checked_(checked), tree_(tree), field_(std::move(field)) {}

  void operator()(const std::string& given) const {
    const std::string allowed = "give a file tracked in HEAD, relative to " + checked_.root;
    auto refused = [&](const std::string& fault) { refuse_path(field_, given, fault, allowed); };
    if (auto fault = path_fault(given); !fault.empty()) refused(fault);
    for (const auto& root : checked_.protected_paths)
      if (is_within(given, root))
        refuse_path(field_, given, "is protected (protected_paths names \"" + root + "\")",
                    "choose another target, or do not protect it");
    auto entry = entry_at(tree_, given);
    if (!entry) refused("is not tracked in HEAD (commit it first if it is new)");
    switch (git_tree_entry_filemode(entry.get())) {
      case GIT_FILEMODE_TREE:
        refused("is a folder");
        break;
      case GIT_FILEMODE_LINK:
        refused("is a symbolic link");
        break;
      case GIT_FILEMODE_COMMIT:
        refused("is a submodule");
        break;
      default:
        break;
    }
    std::error_code error;
    fs::path real = fs::weakly_canonical(fs::path(checked_.root) / given, error);
    if (error || !is_within(real.string(), checked_.root))
      refused("leads out of the repository through a symbolic link");
    if (real != fs::path(checked_.root) / given) refused("leads through a symbolic link");
    refuse_filtered(given, *git_tree_entry_id(entry.get()));
  }

 private:
  // The object would hold a pointer or another form of the text, not what the program reads.
  void refuse_filtered(const std::string& given, const git_oid& id) const {
    git_repository* repository = checked_.repository.get();
    std::string name = filter_of(repository, given);
    if (name.empty()) {
      blob_ptr blob;
      check(git_blob_lookup(out(blob), repository, &id), "read " + given, errc::repository_refused);
      std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                             static_cast<std::size_t>(git_blob_rawsize(blob.get())));
      if (bytes.substr(0, 42) == "version https://git-lfs.github.com/spec/v1") name = "lfs";
    }
    if (!name.empty())
      refuse_path(field_, given, "goes through the git filter \"" + name + "\"",
                  "choose a target that git stores as it is");
  }

  const checked_repository& checked_;
  const git_tree* tree_;
  std::string field_;
};

shared_link check_shared(const checked_repository& checked, const git_tree* tree,
                         const std::string& given) {
  std::string path = without_slashes(given);
  const std::string allowed = "give an untracked file or folder of " + checked.root;
  auto refused = [&](const std::string& fault) {
    refuse_path("shared_paths", given, fault, allowed);
  };
  if (auto fault = path_fault(path); !fault.empty()) refused(fault);
  struct stat now;
  std::string target = checked.root + "/" + path;
  if (::lstat(target.c_str(), &now) < 0) refused("does not exist");
  if (auto entry = entry_at(tree, path);
      entry && git_tree_entry_filemode(entry.get()) != GIT_FILEMODE_COMMIT) {
    if (!filter_of(checked.repository.get(), path).empty())
      refuse_path("shared_paths", given, "is tracked and goes through a git filter",
                  "take it along as it is in your tree with \"as_checked_out\": true "
                  "(--as-checked-out)");
    refused("is tracked, so every work tree has it");
  }
  for (std::string at = split_path(path).first; !at.empty(); at = split_path(at).first)
    if (auto entry = entry_at(tree, at);
        entry && git_tree_entry_filemode(entry.get()) != GIT_FILEMODE_TREE &&
        git_tree_entry_filemode(entry.get()) != GIT_FILEMODE_COMMIT)
      refused("lies below the tracked file \"" + at + "\"");
  return {path, target};
}

}  // namespace

void check_paths(checked_repository& checked, const git_tree* head_tree,
                 const session_settings& settings) {
  for (const auto& given : settings.protected_paths) {
    std::string path = without_slashes(given);
    if (auto fault = path_fault(path); !fault.empty())
      refuse_path("protected_paths", given, fault,
                  "give files or folders relative to " + checked.root);
    checked.protected_paths.push_back(path);
  }
  std::string field = settings.target_files.size() > 1 ? "target_files" : "target_file";
  if (settings.target_files.empty())
    refuse(errc::invalid_argument,
           "target_file: none is given; give a file tracked in HEAD, relative to " + checked.root,
           json{{"field", "target_file"}, {"given", ""}});
  target_check check_target(checked, head_tree, field);
  for (const auto& given : settings.target_files) {
    check_target(given);
    if (std::count(checked.target_files.begin(), checked.target_files.end(), given))
      refuse_path(field, given, "is given twice", "name each target once");
    checked.target_files.push_back(given);
  }
  if (settings.workspace == workspace_kind::in_place) return;  // all untracked files are there
  for (const auto& given : settings.shared_paths) {
    auto link = check_shared(checked, head_tree, given);
    for (const auto& other : checked.shared)
      if (is_within(link.path, other.path) || is_within(other.path, link.path))
        refuse_path("shared_paths", given, "overlaps with \"" + other.path + "\"",
                    "name the outer one only");
    checked.shared.push_back(std::move(link));
  }
}

}  // namespace ratchet::git
