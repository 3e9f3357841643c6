// SPDX-License-Identifier: MIT
//
// Bringing the work tree back to a recorded tree.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "actors/logic/text.hpp"
#include "runtime/git/session_workspace.hpp"
#include "runtime/git/tree_change.hpp"
#include "runtime/git/vouching.hpp"

namespace ratchet::git {

namespace {

/// Beyond, a look at everything is not much slower.
constexpr std::size_t most_written_singly = 1000;

}  // namespace

std::string session_workspace::work_path() const {
  return record_.in_place() ? record_.repo_path : path_ + "/work";
}

descriptor session_workspace::open_work() {
  if (record_.in_place()) return open_trusted_folder(record_.repo_path);
  return open_folder(folder_.get(), "work");
}

descriptor session_workspace::work_or_refuse() {
  descriptor work = open_work();
  if (!work)
    refuse_errno("open the work tree " + work_path(),
                 record_.in_place() ? "put the repository back" : "restore it first");
  return work;
}

sync_options session_workspace::options(bool repair) const {
  sync_options o;
  o.repair = repair;
  o.user_tree = record_.in_place();
  o.preserved = record_.in_place() ? &preserved_ : nullptr;
  o.dates = &dates_;
  return o;
}

git_oid session_workspace::tree_id(const std::string& id, const std::string& what) {
  tree_ptr tree = tree_of(private_.get(), parse_id(id, what));
  return *git_tree_id(tree.get());
}

void session_workspace::restore(const std::string& tree) {
  git_oid wanted = tree_id(tree, "tree");
  overlay_.drop();
  forget_built();
  if (write_difference(wanted))
    look_after_eyes();
  else
    restore_tree(wanted);
}

void session_workspace::settle(const std::string& tree) {
  git_oid wanted = tree_id(tree, "tree");
  overlay_.drop();
  forget_built();
  restore_tree(wanted);
  if (known_.now().tree) known_.stands_at(wanted, tree_knowledge::trust::one_restore);
}

bool session_workspace::write_difference(const git_oid& tree) {
  using trust = tree_knowledge::trust;
  const auto [from, granted, built] = known_.forget();
  descriptor work = granted != trust::none && from ? open_work() : descriptor{};
  if (!work) return false;
  cache_unsaved_ = true;
  try {
    odb_ptr odb;
    check(git_repository_odb(out(odb), private_.get()), "open the objects of " + session_path_);
    std::vector<std::string> paths;
    walk_difference(odb.get(), *from, tree,
                    [&](const std::string& path, const tree_entry*, const tree_entry*) {
                      paths.push_back(path);
                      return false;
                    });
    if (paths.size() > most_written_singly) return false;
    tree_sync sync(*reader_, *cache_, options(true));
    for (const auto& path : paths) sync.run_at(work.get(), tree, path);
    dates_.now_at(tree);
    date_files(work.get(), sync);
    known_.stands_at(tree, granted == trust::until_next_look ? granted : trust::none);
    return true;
  } catch (const refusal& r) {  // a look at everything may mend it, or says why not
    spdlog::info("session {}: looking at the whole work tree: {}", record_.session_id, r.why.text);
    return false;
  }
}

void session_workspace::restore_tree(const git_oid& tree) {
  cache_unsaved_ = true;
  forget_content();
  std::string reason = "the work tree is missing or not a folder";
  if (descriptor work = open_work()) {
    struct stat now;
    if (!record_.in_place() && ::fstat(work.get(), &now) == 0 && (now.st_mode & 0777) != 0755)
      ::fchmod(work.get(), 0755);
    const auto begun = tree_knowledge::clock::now();
    try {
      sync_options sync = options(true);
      if (!record_.in_place()) {
        files_seen_ = vouch_for_folders(work.get(), *cache_);
        sync.skip_vouched = true;
      }
      tree_sync all(*reader_, *cache_, sync);
      all.run(work.get(), tree);
      dates_.now_at(tree);
      date_files(work.get(), all);
      if (!record_.in_place()) known_.stands_at(tree);
      known_.looked(begun, tree_knowledge::clock::now());
      return look_after_eyes();
    } catch (const refusal& r) {
      if (record_.in_place()) throw;  // not ours to throw away
      reason = r.why.text;
    }
  } else if (record_.in_place()) {
    work_or_refuse();
  }
  spdlog::warn("session {}: rebuilding the work tree from nothing: {}", record_.session_id, reason);
  // A pack that the user's gc replaced may be the reason: look at the object database afresh.
  open_private();
  rebuild(tree);
  known_.stands_at(tree);
  look_after_eyes();
}

void session_workspace::rebuild(const git_oid& tree) {
  remove_entry(folder_.get(), "work.new", path_ + "/work.new");
  if (::mkdirat(folder_.get(), "work.new", 0755) < 0) refuse_errno("make the folder work.new");
  cache_ = std::make_unique<cached_folder>();
  cache_unsaved_ = true;
  if (eyes_) eyes_->forget_index();
  try {
    descriptor fresh = open_folder(folder_.get(), "work.new");
    if (!fresh || ::fchmod(fresh.get(), 0755) < 0) refuse_errno("open the folder work.new");
    sync_options fill;
    fill.repair = fill.fresh = true;
    fill.dates = &dates_;
    tree_sync filled(*reader_, *cache_, fill);
    filled.run(fresh.get(), tree);
    dates_.now_at(tree);
    date_files(fresh.get(), filled);
    sync_options check_all;
    check_all.trust_written = true;
    auto wrong = tree_sync(*reader_, *cache_, check_all).run(fresh.get(), tree);
    if (!wrong.empty())
      refuse(errc::workspace_failed, "the new work tree differs from " + hex(tree) + " in " +
                                         wrong.front().path + "; check the disk");
  } catch (...) {
    cache_ = std::make_unique<cached_folder>();
    try {
      remove_entry(folder_.get(), "work.new", path_ + "/work.new");
    } catch (const refusal&) {  // tried again at the next open
    }
    throw;
  }
  // What cannot be removed can still be moved out of the way.
  std::string aside = "discarded";
  for (int i = 0; i < 1000; ++i, aside = "discarded-" + std::to_string(i))
    if (::renameat2(folder_.get(), "work", folder_.get(), aside.c_str(), RENAME_NOREPLACE) == 0 ||
        errno == ENOENT)
      break;
  if (::renameat(folder_.get(), "work.new", folder_.get(), "work") < 0)
    refuse_errno("put the new work tree in place at " + work_path(),
                 "remove what is there and repeat");
  try {
    remove_entry(folder_.get(), aside.c_str(), path_ + "/" + aside);
  } catch (const refusal& r) {
    spdlog::warn("session {}: {}", record_.session_id, r.why.text);
  }
}

void session_workspace::save_stat_cache() {
  if (!cache_unsaved_) return;
  if (record_status_.st_ino != 0 && !current()) return;  // removed, or made anew by others
  replace_file(folder_.get(), "stat_cache", save_cache(*cache_), false);
  cache_unsaved_ = false;
}

}  // namespace ratchet::git
