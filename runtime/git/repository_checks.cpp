// SPDX-License-Identifier: MIT
#include "runtime/git/repository_checks.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/git/path_checks.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse_repository(const std::string& text) {
  refuse(errc::repository_refused, text, json{{"field", "repo_path"}});
}

const std::string fetch_the_rest =
    "make a full clone and use that, or fetch the rest (git fetch --refetch --no-filter, then git "
    "config --unset remote.origin.promisor and remote.origin.partialclonefilter)";

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

[[noreturn]] void explain_failed_open(const std::string& root, int rc) {
  std::string reason = last_error();
  std::string lower = reason;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (rc == GIT_ENOTFOUND) {
    git_buf found = GIT_BUF_INIT;
    std::string outer;
    if (git_repository_discover(&found, root.c_str(), 0, nullptr) == 0) {
      repository_ptr repository;
      int opened = git_repository_open(out(repository), found.ptr);
      if (opened == 0 && git_repository_workdir(repository.get()))
        outer = without_slash(git_repository_workdir(repository.get()));
    }
    git_buf_dispose(&found);
    if (!outer.empty())
      refuse_repository(root + " is a folder inside the repository " + outer +
                        "; give repo_path \"" + outer + "\" and target files relative to it");
    refuse_repository(root + " is not a git repository; run \"git init\" and commit there first");
  }
  auto names = [&](const char* word) { return lower.find(word) != lower.npos; };
  if (names("objectformat"))
    refuse_repository(root +
                      " uses SHA-256 object ids, which Ratchet cannot read; use a repository "
                      "with SHA-1 ids");
  if (names("partialclone"))
    refuse_repository(root + " is a partial clone, whose objects are not all here; " +
                      fetch_the_rest);
  if (names("worktreeconfig"))
    refuse_repository(root +
                      " uses extensions.worktreeConfig (git sparse-checkout or git worktree "
                      "set it), which Ratchet cannot read; use a plain clone");
  if (names("extension"))
    refuse_repository(root + " uses a repository extension that Ratchet cannot read (" + reason +
                      "); use a plain clone");
  refuse_repository("cannot open the repository " + root + ": " + reason);
}

void refuse_partial_clone(git_repository* repository, const std::string& root) {
  config_ptr config;
  check(git_repository_config_snapshot(out(config), repository), "read the config of " + root,
        errc::repository_refused);
  bool promised = false;
  // Not git_config_foreach_match(): in libgit2 1.5 every name that does not match leaks 20 KB.
  check(git_config_foreach(
            config.get(),
            [](const git_config_entry* entry, void* found) {
              std::string_view name(entry->name);
              bool ours = name.substr(0, 7) == "remote." &&
                          (name.ends_with(".promisor") || name.ends_with(".partialclonefilter"));
              if (ours && std::string_view(entry->value ? entry->value : "true") != "false")
                *static_cast<bool*>(found) = true;
              return 0;
            },
            &promised),
        "read the config of " + root, errc::repository_refused);
  if (promised)
    refuse_repository(root + " is a partial clone, whose objects are not all here; " +
                      fetch_the_rest);
}

}  // namespace

repository_ptr open_user_repository(const std::string& root) {
  start_libgit2();
  repository_ptr repository;
  int rc = git_repository_open_ext(out(repository), root.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH,
                                   nullptr);
  if (rc < 0) explain_failed_open(root, rc);
  return repository;
}

checked_repository check_repository(const session_settings& settings) {
  start_libgit2();
  std::error_code error;
  checked_repository checked;
  if (settings.repo_path.empty()) refuse_repository("repo_path is empty; give a repository's root");
  checked.root = fs::canonical(settings.repo_path, error).string();
  if (error)
    refuse_repository("repo_path \"" + settings.repo_path + "\" cannot be reached: " +
                      error.message() + "; give an existing repository's root");
  if (!fs::is_directory(checked.root, error))
    refuse_repository("repo_path \"" + settings.repo_path +
                      "\" is not a folder; give a "
                      "repository's root");

  checked.repository = open_user_repository(checked.root);
  git_repository* repository = checked.repository.get();
  if (git_repository_is_bare(repository))
    refuse_repository(checked.root +
                      " is a bare repository, without a work tree; clone it and use "
                      "the clone");
  std::string workdir = without_slash(git_repository_workdir(repository));
  fs::path real_workdir = fs::canonical(workdir, error);
  if (error || real_workdir != checked.root)
    refuse_repository(checked.root + " is not the root of its work tree; give repo_path \"" +
                      workdir + "\"");
  checked.common_dir = without_slash(git_repository_commondir(repository));
  if (checked.common_dir.find('\n') != std::string::npos || checked.common_dir.front() == '"')
    refuse_repository(
        "the repository's path holds a line break or starts with a quote, which git's "
        "alternates file cannot express; move the repository");
  refuse_partial_clone(repository, checked.root);

  reference_ptr head;
  int rc = git_repository_head(out(head), repository);
  if (rc == GIT_EUNBORNBRANCH || rc == GIT_ENOTFOUND)
    refuse_repository(checked.root + " has no commit yet; commit the code first");
  check(rc, "read HEAD of " + checked.root, errc::repository_refused);
  if (!git_repository_head_detached(repository)) checked.head = git_reference_name(head.get());
  object_ptr commit;
  check(git_reference_peel(out(commit), head.get(), GIT_OBJECT_COMMIT),
        "read the commit at HEAD of " + checked.root, errc::repository_refused);
  checked.base_commit = *git_object_id(commit.get());
  tree_ptr tree = tree_of(repository, checked.base_commit);
  checked.base_tree = *git_tree_id(tree.get());

  if (settings.workspace == workspace_kind::in_place) {
    if (checked.head.empty())
      refuse_repository("HEAD of " + checked.root +
                        " is detached, so kept commits would have no "
                        "branch to go to; check out a branch, or use workspace \"worktree\"");
    if (git_repository_state(repository) != GIT_REPOSITORY_STATE_NONE)
      refuse_repository("a merge, rebase or the like is unfinished in " + checked.root +
                        "; finish it, or use workspace \"worktree\"");
  }
  check_paths(checked, tree.get(), settings);
  return checked;
}

}  // namespace ratchet::git
