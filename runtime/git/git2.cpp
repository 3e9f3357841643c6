// SPDX-License-Identifier: MIT
#include "runtime/git/git2.hpp"

namespace ratchet::git {

void start_libgit2() {
  static const int started = [] {
    int rc = git_libgit2_init();
    // Repositories of other owners are common in containers. git refuses them because it would obey
    // their config and hooks; nothing here does.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(64) << 20);
    // The targets' old text and the folders above them are read for every candidate.
    for (auto type : {GIT_OBJECT_BLOB, GIT_OBJECT_TREE})
      git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, type, std::size_t{64} << 10);
    return rc;
  }();
  check(started < 0 ? -1 : 0, "start libgit2");
}

std::string last_error() {
  const git_error* e = git_error_last();
  return e && e->message ? e->message : "no further explanation";
}

void check(int rc, const std::string& what, errc code) {
  if (rc >= 0) return;
  std::string reason = last_error();
  // A clone that was partial once, and no longer says so.
  if (rc == GIT_ENOTFOUND && reason.find("object not found") != reason.npos)
    reason +=
        "; the repository lacks it: fetch all objects (git fetch --refetch --no-filter), or make "
        "a full clone and use that";
  refuse(code, "cannot " + what + ": " + reason);
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  git_oid_tostr(text, sizeof text, &id);
  return text;
}

git_oid parse_id(std::string_view text, const std::string& what) {
  git_oid id;
  if (text.size() != GIT_OID_HEXSZ || git_oid_fromstrn(&id, text.data(), text.size()) < 0)
    refuse(errc::workspace_failed,
           what + " \"" + std::string(text.substr(0, 64)) + "\" is not a full commit or tree id");
  return id;
}

tree_ptr tree_of(git_repository* repository, const git_oid& commit_or_tree) {
  object_ptr object;
  check(git_object_lookup(out(object), repository, &commit_or_tree, GIT_OBJECT_ANY),
        "read " + hex(commit_or_tree));
  object_ptr tree;
  check(git_object_peel(out(tree), object.get(), GIT_OBJECT_TREE),
        "read the tree of " + hex(commit_or_tree));
  return tree_ptr(reinterpret_cast<git_tree*>(tree.release()));
}

tree_entry_ptr entry_at(const git_tree* tree, const std::string& path) {
  tree_entry_ptr entry;
  int rc = git_tree_entry_bypath(out(entry), tree, path.c_str());
  if (rc == GIT_ENOTFOUND) return nullptr;
  check(rc, "look up " + path);
  return entry;
}

bool read_reference(git_repository* repository, const std::string& name, git_oid& id) {
  return git_reference_name_to_id(&id, repository, name.c_str()) == 0;
}

}  // namespace ratchet::git
