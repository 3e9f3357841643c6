// SPDX-License-Identifier: MIT
#include "runtime/git/user_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/git/beneath.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"

namespace ratchet::git {

namespace {

constexpr std::size_t max_uncommitted = 100;
constexpr std::size_t max_absent = 20;
constexpr std::size_t max_filtered = 10'000;

// -- uncommitted, untracked, ignored --------------------------------------------------------------

/// What tools leave behind and nothing reads.
bool is_by_product(std::string_view path) {
  static constexpr std::array<std::string_view, 12> names{
      "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".idea",  ".vscode",
      ".DS_Store",   "Thumbs.db",     ".tox",        ".nox",        ".cache", ".hypothesis"};
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const auto name = split_path(path).second;
  for (const char* end : {".pyc", ".swp", ".orig", "~"})
    if (name.ends_with(end)) return true;
  return std::find(names.begin(), names.end(), name) != names.end();
}

void look_for_work(const checked_repository& checked, user_tree_notes& notes) {
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_INCLUDE_IGNORED |
                  GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  status_ptr list;
  check(git_status_list_new(out(list), checked.repository.get(), &options),
        "look for uncommitted work");
  std::set<std::string> uncommitted;
  std::vector<std::string> absent;
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const auto* entry = git_status_byindex(list.get(), i);
    const auto* delta = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
    if (entry->status == GIT_STATUS_CURRENT || !delta) continue;
    const std::string path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
    const bool ignored = (entry->status & GIT_STATUS_IGNORED) != 0;
    if (!ignored && uncommitted.size() < max_uncommitted) uncommitted.insert(valid_utf8(path));
    std::string bare = path;
    while (!bare.empty() && bare.back() == '/') bare.pop_back();
    const bool shared = std::any_of(
        checked.shared.begin(), checked.shared.end(),
        [&](const auto& link) { return is_within(bare, link.path) || is_within(link.path, bare); });
    if ((ignored || (entry->status & GIT_STATUS_WT_NEW)) && !shared && !is_by_product(path))
      absent.push_back(valid_utf8(path));
  }
  notes.uncommitted = {uncommitted.begin(), uncommitted.end()};
  // What lies at the top, and whole folders, tell more.
  std::stable_sort(absent.begin(), absent.end(), [](const auto& a, const auto& b) {
    auto depth = [](const std::string& path) {
      return std::count(path.begin(), path.end() - 1, '/');
    };
    return depth(a) < depth(b);
  });
  if (absent.size() > max_absent) absent.resize(max_absent);
  notes.absent = std::move(absent);
}

// -- submodules and filters -----------------------------------------------------------------------

struct tree_file {
  std::string path;
  git_oid id;
};

struct tree_contents {
  std::vector<std::string> submodules;
  std::vector<tree_file> files;
  bool filters = false;  ///< some attributes file in it names one
};

void list_tree(git_odb* odb, const git_oid& tree, const std::string& path, int depth,
               tree_contents& into) {
  if (depth > max_tree_depth) return;
  auto object = read_object(odb, tree, GIT_OBJECT_TREE);
  for (const auto& entry : parse_tree(bytes_of(object), "the tree " + hex(tree))) {
    std::string below = joined(path, entry.name);
    if (entry.folder()) {
      list_tree(odb, entry.oid(), below, depth + 1, into);
    } else if (entry.submodule()) {
      into.submodules.push_back(std::move(below));
    } else {
      if (entry.name == ".gitattributes") {
        auto text = read_object(odb, entry.oid(), GIT_OBJECT_BLOB);
        into.filters = into.filters || bytes_of(text).find("filter") != std::string_view::npos;
      }
      if ((entry.mode & mode_kind) == 0100000)
        into.files.push_back({std::move(below), entry.oid()});
    }
  }
}

bool is_filled(int root, const std::string& path) {
  descriptor folder = open_folder_beneath(root, path);
  if (!folder) return false;
  folder_names names(folder.get());
  return std::any_of(names.entries().begin(), names.entries().end(),
                     [](const auto& entry) { return entry.name != ".git"; });
}

bool has_filter(git_repository* user, const std::string& path) {
  const char* filter = nullptr;
  return git_attr_get(&filter, user, GIT_ATTR_CHECK_FILE_THEN_INDEX, path.c_str(), "filter") == 0 &&
         git_attr_value(filter) == GIT_ATTR_VALUE_STRING;
}

/// The user's file is there and has other bytes than the blob.
bool stands_otherwise(git_odb* odb, int root, const tree_file& file) {
  auto [folder, name] = split_path(file.path);
  descriptor at = open_folder_beneath(root, folder);
  struct stat now;
  std::size_t size;
  git_object_t type;
  if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG(now.st_mode) || git_odb_read_header(&size, &type, odb, &file.id) < 0)
    return false;
  if (static_cast<std::size_t>(now.st_size) != size) return true;
  auto bytes = read_regular(at.get(), name.c_str());
  git_oid id;
  return bytes && git_odb_hash(&id, bytes->data(), bytes->size(), GIT_OBJECT_BLOB) == 0 &&
         !git_oid_equal(&id, &file.id);
}

std::string in_quotes(const std::vector<std::string>& paths) {
  std::vector<std::string> shown_paths;
  for (const auto& path : paths) shown_paths.push_back(shown(path));
  return listed(shown_paths, 3);
}

std::string attributes_of_user(const checked_repository& checked) {
  descriptor info = open_trusted_folder(checked.common_dir + "/info");
  return info ? read_regular(info.get(), "attributes").value_or("") : "";
}

void look_for_other_forms(const checked_repository& checked, bool taken, user_tree_notes& notes) {
  odb_ptr odb;
  check(git_repository_odb(out(odb), checked.repository.get()), "open the repository's objects");
  descriptor root = open_trusted_folder(checked.root);
  if (!root) refuse_errno("open " + checked.root);
  tree_contents contents;
  list_tree(odb.get(), checked.base_tree, "", 0, contents);
  std::erase_if(contents.submodules, [&](const auto& path) {
    return std::any_of(checked.shared.begin(), checked.shared.end(),
                       [&](const auto& link) { return is_within(path, link.path); }) ||
           !is_filled(root.get(), path);
  });
  std::vector<std::string> filtered;
  if (contents.filters || attributes_of_user(checked).find("filter") != std::string::npos)
    for (const auto& file : contents.files)
      if (filtered.size() < max_filtered && has_filter(checked.repository.get(), file.path) &&
          stands_otherwise(odb.get(), root.get(), file))
        filtered.push_back(file.path);
  if (taken) {
    notes.as_checked_out = std::move(contents.submodules);
    notes.as_checked_out.insert(notes.as_checked_out.end(), filtered.begin(), filtered.end());
    return;
  }
  const std::string remedy =
      "take what your tree has along with \"as_checked_out\": true "
      "(--as-checked-out)";
  if (const auto& s = contents.submodules; !s.empty())
    notes.missing.push_back(
        (s.size() == 1 ? "the submodule " : "the submodules ") + in_quotes(s) +
        (s.size() == 1 ? " is" : " are") + " empty here and filled in your tree; " + remedy +
        ", or link to it with \"shared_paths\" (--share " + one_line(s.front()) + ")");
  if (!filtered.empty())
    notes.missing.push_back(in_quotes(filtered) + (filtered.size() == 1 ? " is" : " are") +
                            " here as git stores it, not as its filter (such as Git LFS) puts it "
                            "in your tree; " +
                            remedy);
}

}  // namespace

std::string variables_left_out(const session_settings& settings) {
  static constexpr std::array<const char*, 34> read_by_builds{"CC",
                                                              "CXX",
                                                              "CPP",
                                                              "LD",
                                                              "AR",
                                                              "CFLAGS",
                                                              "CXXFLAGS",
                                                              "CPPFLAGS",
                                                              "LDFLAGS",
                                                              "LDLIBS",
                                                              "MAKEFLAGS",
                                                              "CMAKE_PREFIX_PATH",
                                                              "CMAKE_GENERATOR",
                                                              "CMAKE_BUILD_TYPE",
                                                              "PKG_CONFIG_PATH",
                                                              "LD_LIBRARY_PATH",
                                                              "LIBRARY_PATH",
                                                              "CPATH",
                                                              "RUSTFLAGS",
                                                              "CARGO_HOME",
                                                              "CARGO_TARGET_DIR",
                                                              "RUSTUP_HOME",
                                                              "RUSTUP_TOOLCHAIN",
                                                              "GOFLAGS",
                                                              "GOPATH",
                                                              "JAVA_HOME",
                                                              "NODE_PATH",
                                                              "PYTHONPATH",
                                                              "PYTHONHOME",
                                                              "VIRTUAL_ENV",
                                                              "CONDA_PREFIX",
                                                              "OMP_NUM_THREADS",
                                                              "CUDA_HOME",
                                                              "CUDA_VISIBLE_DEVICES"};
  std::vector<std::string> names;
  for (const char* name : read_by_builds) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    bool passed =
        std::any_of(settings.environment.begin(), settings.environment.end(),
                    [&](const auto& text) { return text.substr(0, text.find('=')) == name; });
    if (!passed) names.push_back(name);
  }
  if (names.empty()) return "";
  std::string list, flags;
  for (const auto& name : names) {
    list += (list.empty() ? "\"" : ", \"") + name + "\"";
    flags += (flags.empty() ? "--env " : " --env ") + name;
  }
  return listed(names, names.size()) + (names.size() == 1 ? " is" : " are") +
         " set in your environment and not passed on to commands; pass on what the build reads "
         "with \"environment\": [" +
         list + "] (" + flags + ")";
}

user_tree_notes look_at_user_tree(const checked_repository& checked,
                                  const session_settings& settings) {
  user_tree_notes notes;
  look_for_work(checked, notes);
  if (settings.workspace == workspace_kind::in_place)
    notes.absent.clear();  // all of it is there
  else
    look_for_other_forms(checked, settings.as_checked_out, notes);
  if (auto variables = variables_left_out(settings); !variables.empty())
    notes.missing.push_back(std::move(variables));
  return notes;
}

}  // namespace ratchet::git
