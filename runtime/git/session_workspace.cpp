// SPDX-License-Identifier: MIT
//
// A workspace's life. Editing and restoring are in session_edit.cpp and session_restore.cpp.
#include "runtime/git/session_workspace.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/git/in_place.hpp"
#include "runtime/git/private_repository.hpp"
#include "runtime/git/setup_products.hpp"

namespace ratchet::git {

namespace {

/// A kept commit must not be lost by making the same session again.
void refuse_if_kept(const std::string& sessions, const std::string& id) {
  std::string base;
  try {
    base = session_workspace::open(sessions, {id, 0})->info().base_commit;
  } catch (const refusal&) {
    return;  // not whole: start over
  }
  start_libgit2();
  repository_ptr repository;
  git_oid at{};
  int opened = git_repository_open_bare(out(repository), (sessions + "/" + id + "/git").c_str());
  if (opened == 0 && read_reference(repository.get(), session_branch(id), at) && hex(at) != base)
    refuse(errc::workspace_failed, "the session " + id +
                                       " already has a workspace with kept "
                                       "commits; continue it, or choose another id");
}

void drop_references(const workspace_record& record) {
  repository_ptr user;
  // Not through the work tree: a linked one may be gone while the references are still there.
  int rc = git_repository_open_bare(out(user), record.common_dir.c_str());
  if (rc == GIT_ENOTFOUND) return;  // the repository is gone, and its references with it
  check(rc, "open " + record.common_dir + " to remove the references of the session");
  clear_leftovers(record.common_dir, record.session_id);
  for (const auto& name :
       {base_reference(record.session_id), in_place_reference(record.session_id)}) {
    reference_ptr ours;
    if (git_reference_lookup(out(ours), user.get(), name.c_str()) == GIT_ENOTFOUND) continue;
    rc = git_reference_remove(user.get(), name.c_str());  // a damaged one too
    if (rc < 0 && rc != GIT_ENOTFOUND)
      refuse(errc::workspace_failed, "cannot remove " + name + " of " + record.common_dir + ": " +
                                         last_error() +
                                         "; the next start of Ratchet tries again, or use git "
                                         "update-ref -d");
  }
  ::rmdir((record.common_dir + "/refs/ratchet/" + record.session_id).c_str());
  ::rmdir((record.common_dir + "/refs/ratchet").c_str());  // not empty while others use it
}

/// Removes all that a session's folder holds, and what it stands for in the user's repository, but
/// not the lock: whoever calls holds that, and a new one would be free for others. The record goes
/// last, so that after a kill at any moment the folder still tells what is left to do.
void empty_folder(const std::string& path, const std::string& id) {
  descriptor folder = open_trusted_folder(path);
  if (!folder) return;
  // Half removed must not look whole.
  if (::renameat(folder.get(), "workspace.json", folder.get(), "making.json") < 0 &&
      errno != ENOENT)
    refuse_errno("rename workspace.json in " + path, "make the folder writable");
  if (auto text = read_regular(folder.get(), "making.json")) {
    std::optional<workspace_record> record;
    try {
      record = decode_record(*text, path + "/making.json");
    } catch (const refusal&) {  // a record that nobody can read must not keep the folder
    }
    // A folder that somebody copied does not speak for the session it names.
    if (record && record->session_id == id) drop_references(*record);
  }
  folder_names names(folder.get());
  for (const auto& entry : names.entries())
    if (entry.name != "lock" && entry.name != "making.json")
      remove_entry(folder.get(), std::string(entry.name).c_str(), path);
  remove_entry(folder.get(), "making.json", path);
}

/// Whether a folder without a whole workspace is ours to remove: somebody else's would hold other
/// things.
bool left_by_us(int sessions, const std::string& name) {
  if (::faccessat(sessions, (name + "/making.json").c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return true;
  descriptor folder = open_folder(sessions, name.c_str());
  if (!folder) return false;
  folder_names names(folder.get());
  return std::all_of(names.entries().begin(), names.entries().end(), [](const auto& entry) {
    // The second is making.json before it had its name.
    return entry.name == "lock" || entry.name.starts_with(".ratchet-");
  });
}

/// Who commits, by the user's configuration. (Not git_signature_default(), which also asks for the
/// local time zone and is no help to the thread sanitizer.)
void name_author(git_repository* repository, workspace_record& record) {
  config_ptr config;
  const char* name = nullptr;
  const char* email = nullptr;
  const bool read = git_repository_config_snapshot(out(config), repository) == 0;
  const bool named = read && git_config_get_string(&name, config.get(), "user.name") == 0 &&
                     git_config_get_string(&email, config.get(), "user.email") == 0 && *name &&
                     *email;
  record.author_name = named ? name : "Ratchet";
  record.author_email = named ? email : "ratchet@localhost";
}

}  // namespace

session_workspace::session_workspace(const std::string& sessions, const work_tree_id& id,
                                     descriptor folder, workspace_record record)
    : sessions_(sessions),
      path_(workspace_path(sessions, id)),
      session_path_(sessions + "/" + id.session),
      extra_(id.lane != 0),
      folder_(std::move(folder)),
      record_(std::move(record)),
      bounds_{target_set(record_.target_files), record_.protected_paths, record_.filtered},
      cache_(std::make_unique<cached_folder>()),
      overlay_(folder_.get(), path_, record_.session_id) {}

session_workspace::~session_workspace() {
  try {
    save_stat_cache();
    if (current()) save_dates(true);
  } catch (...) {  // they only save time
  }
}

void session_workspace::open_private() {
  reader_.reset();
  auto opened = extra_ ? join_private_repository(session_path_)
                       : open_private_repository(folder_.get(), session_path_,
                                                 session_branch(record_.session_id));
  private_ = std::move(opened.repository);
  candidates_ = std::move(opened.candidates);
  open_eyes();
  make_reader();
}

git_repository* session_workspace::user() {
  if (!user_) user_ = open_durable(record_.repo_path, session_path_);
  return user_.get();
}

std::unique_ptr<session_workspace> session_workspace::create(const std::string& sessions,
                                                             const std::string& id,
                                                             const session_settings& settings) {
  checked_repository checked = check_repository(settings);
  return create(sessions, id, checked, settings.workspace, look_at_user_tree(checked, settings));
}

std::unique_ptr<session_workspace> session_workspace::create(const std::string& sessions,
                                                             const std::string& id,
                                                             const checked_repository& checked,
                                                             workspace_kind kind,
                                                             user_tree_notes notes) {
  refuse_if_kept(sessions, id);
  empty_folder(sessions + "/" + id, id);

  workspace_record record;
  record.session_id = id;
  record.repo_path = checked.root;
  record.common_dir = checked.common_dir;
  record.kind = kind;
  record.branch = record.in_place() ? checked.head : session_branch(id);
  record.target_files = checked.bounds.targets.given();
  record.protected_paths = checked.bounds.protected_paths;
  record.filtered = checked.bounds.filtered;
  record.shared = checked.shared;
  record.base_commit = checked.base_commit;
  record.base_tree = checked.base_tree;
  record.uncommitted = std::move(notes.uncommitted);
  name_author(checked.repository.get(), record);

  std::string path = sessions + "/" + id;
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST)
    refuse_errno("make the folder " + path, "check the state directory");
  try {
    descriptor folder = open_trusted_folder(path);
    if (!folder) refuse_errno("open the folder " + path);
    // What remove() needs to know of a workspace that was never finished.
    replace_file(folder.get(), "making.json", encode_record(record), false);
    make_private_repository(folder.get(), record.common_dir, session_branch(id), record.in_place());
    std::unique_ptr<session_workspace> made(
        new session_workspace(sessions, {id, 0}, std::move(folder), std::move(record)));
    made->missing_ = std::move(notes.missing);
    made->missing_.insert(made->missing_.end(), checked.remarks.begin(), checked.remarks.end());
    made->absent_ = std::move(notes.absent);
    made->prepare_eyes(checked, notes.as_checked_out);
    if (!notes.as_checked_out.empty()) made->take(checked.root, notes.as_checked_out);
    made->open_private();
    clear_leftovers(made->record_.common_dir, id);
    const git_oid& base = made->record_.base_commit;
    reference_ptr written;
    int rc = 0;
    // Another session's end may remove the empty folder refs/ratchet just as we fill it.
    for (int attempt = 0; attempt < 5; ++attempt)
      if ((rc = git_reference_create(out(written), made->user(), base_reference(id).c_str(), &base,
                                     1, "ratchet: base of a session")) == 0)
        break;
    check(rc, "guard the base commit in " + checked.root);
    if (made->record_.in_place())
      check(git_reference_create(out(written), made->user(), in_place_reference(id).c_str(), &base,
                                 1, "ratchet: a session works in place"),
            "mark " + checked.root + " as worked on in place");
    check(git_reference_create(out(written), made->private_.get(), session_branch(id).c_str(),
                               &base, 1, "ratchet: base"),
          "start the session's private branch");
    if (made->record_.in_place())
      made->make_in_place();
    else
      made->make_worktree();
    made->finish_making();
    return made;
  } catch (...) {
    try {
      remove(sessions, id);
    } catch (const refusal&) {  // the reason for giving up matters more
    }
    throw;
  }
}

session_workspace::found_workspace session_workspace::read_workspace(const std::string& sessions,
                                                                     const work_tree_id& id) {
  std::string path = workspace_path(sessions, id);
  found_workspace found{open_trusted_folder(path), {}, {}};
  auto text = found.folder ? read_regular(found.folder.get(), "workspace.json", &found.status)
                           : std::nullopt;
  if (!text)
    refuse(errc::unknown_session,
           id.lane ? "the session " + id.session + " has no work tree for lane " +
                         std::to_string(id.lane) + " in " + sessions + "; create it first"
                   : "the session " + id.session + " has no workspace in " + sessions +
                         "; start a new session");
  found.record = decode_record(*text, path + "/workspace.json");
  return found;
}

std::unique_ptr<session_workspace> session_workspace::open(const std::string& sessions,
                                                           const work_tree_id& id) {
  std::string path = workspace_path(sessions, id);
  if (id.lane) read_workspace(sessions, {id.session, 0});  // a half-removed session has no lanes
  found_workspace found = read_workspace(sessions, id);
  std::unique_ptr<session_workspace> opened(
      new session_workspace(sessions, id, std::move(found.folder), std::move(found.record)));
  opened->record_status_ = found.status;
  if (auto bytes = read_regular(opened->folder_.get(), "dates")) opened->dates_.load(*bytes);
  if (auto kept = read_regular(opened->folder_.get(), "setup", &opened->setup_status_))
    opened->take_snapshot(decode_setup(*kept));
  if (auto tree = read_regular(opened->folder_.get(), "kept_for"))
    if (tree->size() == GIT_OID_HEXSZ) opened->kept_for_ = parse_id(*tree, "tree");
  opened->open_private();
  if (!id.lane) clear_leftovers(opened->record_.common_dir, id.session);
  if (auto bytes = read_regular(opened->folder_.get(), "stat_cache"))
    opened->cache_ = load_cache(*bytes);
  if (opened->record_.in_place()) {
    auto notes = read_regular(opened->folder_.get(), "preserved");
    if (!notes)
      refuse(errc::workspace_failed, path +
                                         "/preserved cannot be read, so that it is unknown what "
                                         "was there before; finish the session by hand");
    opened->preserved_ = decode_preserved(*notes);
  }
  for (const char* leftover : {"work.new", "discarded"})
    remove_entry(opened->folder_.get(), leftover, path + "/" + leftover);
  opened->overlay_.remove_left();
  return opened;
}

void session_workspace::remove(const std::string& sessions, const std::string& id) {
  start_libgit2();
  empty_folder(sessions + "/" + id, id);
  // Not empty while a lease holds its lock in it: giving that back removes both.
  ::rmdir((sessions + "/" + id).c_str());
}

std::vector<std::string> session_workspace::unfinished(const std::string& sessions) {
  descriptor folder = open_trusted_folder(sessions);
  if (!folder) refuse_errno("open the folder " + sessions, "check the state directory");
  std::vector<std::string> found;
  folder_names names(folder.get());
  for (const auto& entry : names.entries()) {
    if (entry.type != DT_DIR && entry.type != DT_UNKNOWN) continue;
    std::string name(entry.name);
    if (::faccessat(folder.get(), (name + "/workspace.json").c_str(), F_OK, AT_SYMLINK_NOFOLLOW) <
            0 &&
        errno == ENOENT && left_by_us(folder.get(), name))
      found.push_back(std::move(name));
  }
  return found;
}

bool session_workspace::current() const {
  struct stat now;
  struct stat setup {};  // another process may have recorded other products
  if (::fstatat(folder_.get(), "setup", &setup, 0) < 0) setup = {};
  return ::stat((path_ + "/workspace.json").c_str(), &now) == 0 &&
         file_stamp(now) == file_stamp(record_status_) &&
         file_stamp(setup) == file_stamp(setup_status_) &&
         (!extra_ || ::access((session_path_ + "/workspace.json").c_str(), F_OK) == 0);
}

workspace_info session_workspace::info() {
  std::string branch = record_.branch;
  if (branch.rfind("refs/heads/", 0) == 0) branch.erase(0, 11);
  workspace_info info{work_path(),
                      hex(record_.base_commit),
                      hex(record_.base_tree),
                      branch,
                      record_.uncommitted,
                      missing_,
                      absent_,
                      {},
                      {}};
  if (!bounds_.targets.only_names()) info.targets = target_names();
  if (eyes_) info.private_paths = {work_path() + "/.git", eyes_->path()};
  return info;
}

std::string session_workspace::commit(const std::string& tree, const std::string& parent,
                                      const std::string& message, std::int64_t time_ms) {
  git_oid tree_oid = tree_id(tree, "tree");
  git_oid parent_oid = parse_id(parent, "parent");
  tree_ptr tree_object = tree_of(private_.get(), tree_oid);
  commit_ptr parent_commit;
  check(git_commit_lookup(out(parent_commit), private_.get(), &parent_oid),
        "read the parent commit " + parent);
  signature_ptr author;
  check(git_signature_new(out(author), record_.author_name.c_str(), record_.author_email.c_str(),
                          time_ms / 1000, 0),
        "sign as " + record_.author_name);
  const git_commit* parents[] = {parent_commit.get()};
  git_buf text = GIT_BUF_INIT;
  const int made =
      git_commit_create_buffer(&text, private_.get(), author.get(), author.get(), nullptr,
                               message.c_str(), tree_object.get(), 1, parents);
  std::string bytes(text.ptr ? text.ptr : "", text.size);
  git_buf_dispose(&text);
  check(made, "write the commit");
  const auto object = hashed(GIT_OBJECT_COMMIT, std::move(bytes));
  candidates_->write({object});
  return hex(object.id);
}

publication session_workspace::publication_to_user() {
  return {private_.get(), path_ + "/git/objects", *candidates_,
          user(),         record_.common_dir,     record_.session_id,
          record_.branch, record_.base_commit,    record_.in_place()};
}

void session_workspace::publish(const std::string& commit, const std::string& parent) {
  if (extra_)
    refuse(errc::invalid_argument,
           "session " + record_.session_id +
               " publishes from its own work tree, not from a lane's; name the session alone");
  git_oid to = parse_id(commit, "commit");
  git_oid from = parse_id(parent, "parent");
  if (!record_.in_place()) {
    publish_commit(publication_to_user(), to, from);
    return;
  }
  reference_ptr head;
  check(git_reference_lookup(out(head), user(), "HEAD"), "read HEAD of " + record_.repo_path);
  const char* branch = git_reference_symbolic_target(head.get());
  if (!branch || record_.branch != branch)
    refuse(errc::workspace_failed, "HEAD of " + record_.repo_path + " is no longer at " +
                                       record_.branch + "; check that branch out again");
  descriptor root = work_or_refuse();
  // The commit must be readable there before the index can name its blobs.
  index_update index(user(), root.get(), bounds_);
  auto p = publication_to_user();
  git_oid before{};
  bool was_there = read_reference(user(), record_.branch, before) && git_oid_equal(&before, &to);
  publish_commit(p, to, from, [&] { index.prepare(from, to); });
  try {
    index.write();
  } catch (...) {
    if (was_there) throw;
    // A branch ahead of its index would show the kept edit as staged to be undone.
    move_reference(user(), record_.branch, to, from, "ratchet: not published");
    move_reference(private_.get(), session_branch(record_.session_id), to, from, "ratchet: undone");
    throw;
  }
}

}  // namespace ratchet::git
