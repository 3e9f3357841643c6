// SPDX-License-Identifier: MIT
//
// What a run sees of the work tree, and what is looked at after it.
#include <set>
#include <utility>

#include "actors/logic/text.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

void session_workspace::forget_content() {
  known_.forget();
  eyes_seen_ = false;
}

std::string session_workspace::begin_run() {
  overlay_.drop();
  before_run_ = known_.now();
  forget_content();
  if (eyes_) eyes_->expect_others();
  if (record_.in_place() || overlay_.refused() || files_seen_ < overlay_from_ ||
      !(before_run_.tree || before_run_.built))
    return "";
  // What a run compiles in the tree would be thrown away, and compiled again by each after a keep.
  if (dates_.build_seen() && !before_run_.built) return "";
  return overlay_.begin();
}

void session_workspace::end_run(bool overlaid) {
  if (overlay_.end(overlaid) && overlaid)
    known_.untouched(before_run_, tree_knowledge::clock::now());
}

std::optional<std::string> session_workspace::read_in_work(const std::string& path,
                                                           std::size_t max_bytes) {
  if (overlay_.shows()) {
    auto seen = overlay_.read(path, max_bytes);
    if (!seen.in_work_tree) return std::move(seen.bytes);
  }
  descriptor work = work_or_refuse();
  return read_limited(work.get(), path, max_bytes, work_path());
}

std::vector<difference> session_workspace::protected_differences(const std::string& path) {
  const sync_options look = options(false);
  if (overlay_.shows()) return overlay_.differences(*reader_, look, record_.base_tree, path);
  descriptor work = work_or_refuse();
  return tree_sync(*reader_, *cache_, look).run_at(work.get(), record_.base_tree, path);
}

void session_workspace::restore_protected() {
  descriptor work = work_or_refuse();
  cache_unsaved_ = true;
  tree_sync sync(*reader_, *cache_, options(true));
  for (const auto& path : record_.protected_paths) sync.run_at(work.get(), record_.base_tree, path);
  date_files(work.get(), sync);
  // A run is about to begin, and its .git is to be mounted over.
  if (!std::exchange(eyes_seen_, false)) look_after_eyes();
  eyes_seen_ = false;
}

std::vector<std::string> session_workspace::changed_protected() {
  std::set<std::string> changed;
  for (const auto& path : record_.protected_paths)
    for (const auto& d : protected_differences(path))
      if (!(d.folder && d.what == found_as::missing)) changed.insert(valid_utf8(d.path));
  return {changed.begin(), changed.end()};
}

}  // namespace ratchet::git
