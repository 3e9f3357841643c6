// SPDX-License-Identifier: MIT
#include "runtime/git/path_checks.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "actors/logic/text.hpp"
#include "runtime/git/ignore_rules.hpp"
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

/// The object would hold a pointer or another form of the text, not what the program reads: the
/// filter's name, else "".
std::string filter_over(git_repository* repository, const std::string& path, const git_oid& id) {
  if (auto name = filter_of(repository, path); !name.empty()) return name;
  blob_ptr blob;
  check(git_blob_lookup(out(blob), repository, &id), "read " + path, errc::repository_refused);
  std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                         static_cast<std::size_t>(git_blob_rawsize(blob.get())));
  return bytes.starts_with("version https://git-lfs.github.com/spec/v1") ? "lfs" : "";
}

/// Names of files and folders; patterns are taken as they are.
class target_check {
 public:
  target_check(const checked_repository& checked, const git_tree* tree, std::string field)
      : checked_(checked), tree_(tree), field_(std::move(field)) {}

  /// The name, that of a folder with a '/' at its end.
  std::string operator()(const std::string& given) const {
    if (is_glob(given) && !given.ends_with('/')) return given;
    const std::string name = without_slashes(given);
    if (!is_glob(name)) check_name(name, given.ends_with('/'));
    auto entry = entry_at(tree_, name);
    const bool folder = entry && git_tree_entry_type(entry.get()) == GIT_OBJECT_TREE;
    return folder ? name + "/" : given;
  }

 private:
  void check_name(const std::string& given, bool as_folder) const {
    const std::string allowed = "give a file or folder tracked in HEAD, relative to " +
                                checked_.root + ", or a pattern such as \"src/**/*.cpp\"";
    auto refused = [&](const std::string& fault) { refuse_path(field_, given, fault, allowed); };
    if (auto fault = path_fault(given); !fault.empty()) refused(fault);
    for (const auto& root : checked_.bounds.protected_paths)
      if (is_within(given, root))
        refuse_path(field_, given, "is protected (protected_paths names \"" + root + "\")",
                    "choose another target, or do not protect it");
    auto entry = entry_at(tree_, given);
    if (!entry) refused("is not tracked in HEAD (commit it first if it is new)");
    switch (git_tree_entry_filemode(entry.get())) {
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
    if (git_tree_entry_type(entry.get()) == GIT_OBJECT_TREE) return;
    if (as_folder) refused("is a file, and '/' at the end means a folder");
    if (auto name = filter_over(checked_.repository.get(), given, *git_tree_entry_id(entry.get()));
        !name.empty())
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

/// What a session's own limits say of the files that folders and patterns give.
void check_amount(const std::string& field, const std::vector<std::string>& given,
                  std::size_t files, std::uint64_t bytes) {
  const std::string all = listed(given, 5);
  if (files > most_target_files)
    refuse_path(field, all, "gives " + std::to_string(files) + " files",
                "at most " + std::to_string(most_target_files) +
                    " are searched; name smaller folders, or take some away (\"!src/gen/**\")");
  if (bytes > most_target_bytes)
    refuse_path(field, all, "gives " + std::to_string(bytes >> 20) + " MiB",
                "at most " + std::to_string(most_target_bytes >> 20) +
                    " MiB are searched; take the large files away (\"!data/**\")");
}

/// Takes those out that git rewrites; answers how many bytes are left.
std::uint64_t leave_out_filtered(checked_repository& checked, const git_tree* tree,
                                 std::vector<std::string>& others) {
  git_repository* repository = checked.repository.get();
  odb_ptr odb;
  check(git_repository_odb(out(odb), repository), "open the objects of " + checked.root);
  std::uint64_t bytes = 0;
  std::erase_if(checked.targets, [&](const std::string& path) {
    auto entry = entry_at(tree, path);
    std::size_t size = 0;
    git_object_t type;
    check(git_odb_read_header(&size, &type, odb.get(), git_tree_entry_id(entry.get())),
          "read " + path, errc::repository_refused);
    const auto filter = filter_over(repository, path, *git_tree_entry_id(entry.get()));
    if (filter.empty()) {
      bytes += size;
      return false;
    }
    checked.bounds.filtered.push_back(path);
    others.push_back(path + " (through the git filter " + one_line(filter) + ")");
    return true;
  });
  return bytes;
}

void remark_empty_patterns(checked_repository& checked) {
  for (const auto& pattern : checked.bounds.targets.given()) {
    if (!is_glob(pattern) || pattern.starts_with('!')) continue;
    const target_set one({pattern});
    if (std::none_of(checked.targets.begin(), checked.targets.end(),
                     [&](const auto& path) { return one.contains(path); }))
      checked.remarks.push_back("target_files: \"" + one_line(pattern) +
                                "\" gives no file yet; new ones may be made there");
  }
}

/// What folders and patterns give.
void find_targets(checked_repository& checked, const git_tree* tree, const std::string& field) {
  auto found = targets_in(tree, checked.bounds);
  checked.targets = std::move(found.files);
  const auto& given = checked.bounds.targets.given();
  if (checked.targets.size() > most_target_files)
    check_amount(field, given, checked.targets.size(), 0);
  const auto bytes = leave_out_filtered(checked, tree, found.others);
  if (checked.targets.empty())
    refuse_path(field, listed(given, 5),
                found.others.empty() ? "gives no file tracked in HEAD"
                                     : "gives nothing but " + listed(found.others, 5),
                "give files, folders or patterns such as \"src/**/*.cpp\", relative to " +
                    checked.root + ", of which at least one file is tracked and not protected");
  if (!checked.bounds.targets.only_names())
    check_amount(field, given, checked.targets.size(), bytes);
  if (!found.others.empty())
    checked.remarks.push_back("not targets, though " + field +
                              " gives them: " + listed(found.others, 5));
  remark_empty_patterns(checked);
}

void check_targets(checked_repository& checked, const git_tree* head_tree,
                   const session_settings& settings) {
  const std::string field = settings.target_files.size() > 1 ? "target_files" : "target_file";
  if (settings.target_files.empty())
    refuse(errc::invalid_argument,
           "target_file: none is given; give a file tracked in HEAD, relative to " + checked.root,
           json{{"field", "target_file"}, {"given", ""}});
  const target_check check_target(checked, head_tree, field);
  std::vector<std::string> given;
  for (const auto& one : settings.target_files) {
    given.push_back(check_target(one));
    if (std::count(given.begin(), given.end(), given.back()) > 1)
      refuse_path(field, one, "is given twice", "name each target once");
  }
  checked.bounds.targets = target_set(std::move(given));
  find_targets(checked, head_tree, field);
}

}  // namespace

void check_paths(checked_repository& checked, const git_tree* head_tree,
                 const session_settings& settings) {
  for (const auto& given : settings.protected_paths) {
    std::string path = without_slashes(given);
    if (auto fault = path_fault(path); !fault.empty())
      refuse_path("protected_paths", given, fault,
                  "give files or folders relative to " + checked.root);
    checked.bounds.protected_paths.push_back(path);
  }
  check_targets(checked, head_tree, settings);
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
