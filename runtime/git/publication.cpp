// SPDX-License-Identifier: MIT
#include "runtime/git/publication.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <unordered_set>
#include <vector>

#include "runtime/git/beneath.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

/// The objects of `commit` and its ancestors down to, and without, `known`; what a commit refers to
/// comes before the commit.
class new_objects {
 public:
  explicit new_objects(git_repository* repository) : repository_(repository) {}

  std::vector<git_oid> between(const git_oid& known, const git_oid& commit) {
    std::vector<git_oid> commits;
    for (git_oid at = commit; !git_oid_equal(&at, &known);) {
      commit_ptr c;
      check(git_commit_lookup(out(c), repository_, &at), "read the commit " + hex(at));
      if (git_commit_parentcount(c.get()) == 0 || commits.size() > 1'000'000)
        refuse(errc::workspace_failed, "the commit " + hex(commit) + " does not descend from " +
                                           hex(known) + ", where the session's branch is");
      const git_oid* parent = git_commit_parent_id(c.get(), 0);
      tree_ptr before = tree_of(repository_, *parent);
      tree_ptr after = tree_of(repository_, at);
      compare(before.get(), after.get());
      commits.push_back(at);
      at = *parent;
    }
    ids_.insert(ids_.end(), commits.rbegin(), commits.rend());
    return std::move(ids_);
  }

 private:
  void compare(const git_tree* before, const git_tree* after) {
    if (before && git_oid_equal(git_tree_id(before), git_tree_id(after))) return;
    for (std::size_t i = 0; i < git_tree_entrycount(after); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(after, i);
      const git_oid* id = git_tree_entry_id(entry);
      const git_tree_entry* old =
          before ? git_tree_entry_byname(before, git_tree_entry_name(entry)) : nullptr;
      if (old && git_oid_equal(git_tree_entry_id(old), id)) continue;
      if (git_tree_entry_type(entry) == GIT_OBJECT_TREE) {
        tree_ptr below = tree_of(repository_, *id);
        tree_ptr old_below;
        if (old && git_tree_entry_type(old) == GIT_OBJECT_TREE)
          old_below = tree_of(repository_, *git_tree_entry_id(old));
        compare(old_below.get(), below.get());
      } else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) {
        add(*id);
      }
    }
    add(*git_tree_id(after));
  }
  void add(const git_oid& id) {
    if (seen_.insert(id).second) ids_.push_back(id);
  }

  git_repository* repository_;
  std::vector<git_oid> ids_;
  std::unordered_set<git_oid, oid_hash, oid_equal> seen_;
};

struct staged_object {
  std::string temporary;
  std::string folder, name;
  descriptor file;
};

/// Begins the names of objects that have not got theirs yet. (git's gc takes what is left of them.)
std::string temporary_object(const std::string& session_id) {
  return "tmp_obj_ratchet_" + session_id + "_";
}

descriptor open_or_refuse(const std::string& path) {
  descriptor folder = open_trusted_folder(path);
  if (!folder) refuse_errno("open " + path, "check that the repository is still there");
  return folder;
}

// Loose objects are copied as they are, and all synced together: on journalling file systems the
// first sync carries most of the others. None gets its name before its bytes are on the disk.
void copy_objects(const publication& p, const std::vector<git_oid>& ids) {
  odb_ptr source, destination;
  check(git_repository_odb(out(source), p.source), "open the session's objects");
  check(git_repository_odb(out(destination), p.destination), "open the repository's objects");
  descriptor from = open_or_refuse(p.source_objects);
  descriptor to = open_or_refuse(p.common_dir + "/objects");
  std::vector<staged_object> staged;
  auto unstage = [&] {
    for (const auto& s : staged) ::unlinkat(to.get(), s.temporary.c_str(), 0);
  };
  try {
    for (const auto& id : ids) {
      std::string name = hex(id);
      std::string folder = name.substr(0, 2), file = name.substr(2);
      std::string path = folder + "/" + file;
      if (::faccessat(to.get(), path.c_str(), F_OK, 0) == 0) continue;
      auto bytes = p.candidates.deflated(id);
      if (!bytes) {
        descriptor loose_folder = open_folder(from.get(), folder.c_str());
        if (loose_folder) bytes = read_regular(loose_folder.get(), file.c_str());
      }
      if (!bytes) {
        if (git_odb_exists(destination.get(), &id)) continue;
        refuse(errc::workspace_failed, "the object " + name + " of the commit is missing in " +
                                           p.source_objects + "; revert this candidate");
      }
      odb_object_ptr whole;  // libgit2 checks the hash: a damaged object must not be handed on
      check(git_odb_read(out(whole), source.get(), &id), "read the object " + name);
      staged_object s{
          temporary_object(p.session_id) + std::to_string(staged.size()), folder, file, {}};
      ::unlinkat(to.get(), s.temporary.c_str(), 0);
      write_new(to.get(), s.temporary.c_str(), *bytes, 0444, p.common_dir + "/objects/" + path);
      s.file = descriptor(::openat(to.get(), s.temporary.c_str(), O_RDONLY | O_CLOEXEC));
      staged.push_back(std::move(s));
    }
    if (staged.empty()) return;
    for (const auto& s : staged) ::sync_file_range(s.file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    for (const auto& s : staged)
      if (::fsync(s.file.get()) < 0) refuse_errno("sync an object of " + p.common_dir);
    std::set<std::string> folders;
    bool new_folder = false;
    for (const auto& s : staged) {
      new_folder |= ::mkdirat(to.get(), s.folder.c_str(), 0777) == 0;
      if (::renameat(to.get(), s.temporary.c_str(), to.get(), (s.folder + "/" + s.name).c_str()) <
          0)
        refuse_errno("store an object in " + p.common_dir + "/objects",
                     "check that you may write there");
      folders.insert(s.folder);
    }
    for (const auto& name : folders) {
      descriptor folder(::openat(to.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!folder || ::fsync(folder.get()) < 0) refuse_errno("sync " + p.common_dir + "/objects");
    }
    if (new_folder && ::fsync(to.get()) < 0) refuse_errno("sync " + p.common_dir + "/objects");
  } catch (...) {
    unstage();
    throw;
  }
}

// The private branch follows the user's. Behind or ahead of it by an interrupted publication, it is
// put to `to`; any other value means that somebody else works on this session.
void move_private(const publication& p, const git_oid& commit, const git_oid& parent) {
  std::string name = session_branch(p.session_id);
  git_oid at{};
  bool present = read_reference(p.source, name, at);
  if (present && git_oid_equal(&at, &commit)) return;
  if (present && !git_oid_equal(&at, &parent)) {
    commit_ptr stray;
    int found = git_commit_lookup(out(stray), p.source, &at);
    bool sibling = found == 0 && git_commit_parentcount(stray.get()) > 0 &&
                   git_oid_equal(git_commit_parent_id(stray.get(), 0), &parent);
    bool ours = sibling || git_oid_equal(&at, &p.base);
    if (!ours)
      refuse(errc::workspace_failed, "the session's private branch is at " + hex(at) + ", not at " +
                                         hex(parent) + "; another process works on this session");
  }
  if (!move_reference(p.source, name, present ? at : git_oid{}, commit, "ratchet: kept"))
    refuse(errc::workspace_failed,
           "the session's private branch moved meanwhile; another process works on this session");
}

}  // namespace

std::string session_branch(const std::string& id) { return "refs/heads/ratchet/" + id; }
std::string base_reference(const std::string& id) { return "refs/ratchet/" + id + "/base"; }
std::string head_reference(const std::string& id) { return "refs/ratchet/" + id + "/head"; }
std::string in_place_reference(const std::string& id) { return "refs/ratchet/" + id + "/in_place"; }

std::string session_in_place(git_repository* repository) {
  std::string name;
  git_reference_foreach_glob(
      repository, "refs/ratchet/*/in_place",
      [](const char* found, void* to) {
        *static_cast<std::string*>(to) = found;
        return 1;  // one is enough
      },
      &name);
  if (name.empty()) return "";
  std::string id = name.substr(std::string_view("refs/ratchet/").size());
  return id.substr(0, id.find('/'));
}

bool move_reference(git_repository* repository, const std::string& name, const git_oid& from,
                    const git_oid& to, const std::string& why) {
  reference_ptr moved;
  int rc = git_reference_create_matching(out(moved), repository, name.c_str(), &to, 1, &from,
                                         why.c_str());
  if (rc == GIT_EMODIFIED || rc == GIT_ENOTFOUND || rc == GIT_EEXISTS) return false;
  if (rc == GIT_ELOCKED)
    refuse(errc::workspace_failed, "cannot move " + name + ": " + last_error() +
                                       "; another git process is at work there, or left its lock "
                                       "file: remove it when none is");
  check(rc, "move " + name);
  return true;
}

void publish_commit(const publication& p, const git_oid& commit, const git_oid& parent,
                    const std::function<void()>& before_moving) {
  git_oid at{};
  bool present = read_reference(p.destination, p.branch, at);
  bool there = present && git_oid_equal(&at, &commit);
  bool movable = present ? git_oid_equal(&at, &parent) : !p.must_exist;
  if (!there && !movable)
    refuse(errc::workspace_failed,
           p.branch + (present ? " is at " + hex(at) : std::string(" is gone")) + ", not at " +
               hex(parent) +
               " where this session left it; somebody else moved it. Put it back (git "
               "update-ref " +
               p.branch + " " + hex(parent) + ") or start a new session");
  git_oid private_before{};
  bool had_private = read_reference(p.source, session_branch(p.session_id), private_before);
  if (!there) copy_objects(p, new_objects(p.source).between(present ? at : p.base, commit));
  if (before_moving) before_moving();
  move_private(p, commit, parent);
  if (there) return;
  try {
    if (!move_reference(p.destination, p.branch, present ? at : git_oid{}, commit,
                        "ratchet: keep " + hex(commit).substr(0, 12)))
      refuse(errc::workspace_failed, p.branch +
                                         " was moved by somebody else just now; the commit " +
                                         hex(commit) + " was not published");
  } catch (...) {
    if (had_private)
      move_reference(p.source, session_branch(p.session_id), commit, private_before,
                     "ratchet: not published");
    throw;
  }
}

void clear_leftovers(const std::string& common_dir, const std::string& session_id) {
  for (const auto& reference :
       {session_branch(session_id), base_reference(session_id), in_place_reference(session_id)})
    ::unlink((common_dir + "/" + reference + ".lock").c_str());
  descriptor objects = open_trusted_folder(common_dir + "/objects");
  if (!objects) return;
  const std::string ours = temporary_object(session_id);
  folder_names names(objects.get());
  for (const auto& entry : names.entries())
    if (entry.name.starts_with(ours)) ::unlinkat(objects.get(), std::string(entry.name).c_str(), 0);
}

}  // namespace ratchet::git
