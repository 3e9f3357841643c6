// SPDX-License-Identifier: MIT
//
// Where a session's work tree comes from, and where it goes.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

std::uint64_t bytes_of(const cached_folder& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : folder.files) bytes += static_cast<std::uint64_t>(file.stamp.size);
  for (const auto& [name, below] : folder.folders) bytes += bytes_of(*below);
  return bytes;
}

}  // namespace

spare_trees session_workspace::spares() const {
  return spare_trees(sessions_.substr(0, sessions_.rfind('/')) + "/trees");
}

bool session_workspace::take_spare() {
  if (!spares().take(record_.common_dir, folder_.get())) return false;
  if (auto bytes = read_regular(folder_.get(), "stat_cache")) cache_ = load_cache(*bytes);
  return true;
}

void session_workspace::make_worktree() {
  if (take_spare()) return restore_tree(record_.base_tree);
  rebuild(record_.base_tree);
  look_after_eyes();
}

void session_workspace::finish_making() {
  save_stat_cache();
  save_dates(true);
  replace_file(folder_.get(), "workspace.json", encode_record(record_), true);
  ::fstatat(folder_.get(), "workspace.json", &record_status_, 0);
}

void session_workspace::hand_on() {
  if (record_.in_place()) return;
  overlay_.drop();
  descriptor work = open_work();
  if (!work) return;
  cache_unsaved_ = true;
  forget_content();
  forget_built();
  // Nothing but the tree: what this session has besides it is no other's.
  tree_reader bare(private_.get(), {}, {});
  tree_sync(bare, *cache_, options(true)).run(work.get(), record_.base_tree);
  save_stat_cache();
  const auto slash = path_.rfind('/');
  const std::string lane = extra_ ? path_.substr(slash + 1) : "0";
  if (spares().put(record_.common_dir, record_.session_id + "-" + lane, bytes_of(*cache_),
                   folder_.get()))
    spdlog::debug("session {}: its work tree is kept for the next one", record_.session_id);
}

}  // namespace ratchet::git
