// SPDX-License-Identifier: MIT
//
// What a work tree has besides its tree: the run's view of git, and what was taken of the user's
// tree as it is checked out there.
#include <fcntl.h>
#include <unistd.h>

#include "runtime/git/eyes.hpp"
#include "runtime/git/in_place.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/private_repository.hpp"
#include "runtime/git/session_workspace.hpp"
#include "runtime/git/setup_products.hpp"

namespace ratchet::git {

void session_workspace::make_in_place() {
  descriptor root = work_or_refuse();
  preserved_ = look_around(*reader_, *cache_, root.get(), user(), record_.base_tree, bounds_);
  cache_unsaved_ = true;
  replace_file(folder_.get(), "preserved", encode_preserved(preserved_), true);
}

void session_workspace::prepare_eyes(const checked_repository& checked,
                                     const std::vector<std::string>& taken) {
  if (record_.in_place()) return;
  auto opened = join_private_repository(session_path_);
  auto plan = plan_eyes(opened.repository.get(), session_path_ + "/git/objects", checked, taken);
  replace_file(folder_.get(), "eyes.list", encode_setup({plan, {}}), false);
}

void session_workspace::take(const std::string& root, const std::vector<std::string>& paths) {
  auto opened = join_private_repository(session_path_);
  auto taken = take_as_checked_out(opened.repository.get(), root, paths);
  replace_file(folder_.get(), "checked_out", encode_setup({taken, {}}), false);
}

void session_workspace::open_eyes() {
  descriptor session = open_trusted_folder(session_path_);
  if (!session) refuse_errno("open the folder " + session_path_);
  checked_out_.clear();
  if (auto taken = read_regular(session.get(), "checked_out"))
    checked_out_ = decode_setup(*taken).products;
  eyes_.reset();
  auto plan = record_.in_place() ? std::nullopt : read_regular(session.get(), "eyes.list");
  if (!plan) return;
  eyes_ = std::make_unique<run_eyes>(private_.get(), path_, decode_setup(*plan).products);
  unwatched_.clear();
  for (const auto& link : record_.shared) unwatched_.insert(link.path);
  for (const auto& entry : checked_out_) unwatched_.insert(entry.path);
  // Where git can look into a submodule, it says of it what it says in the user's tree.
  for (const auto& file : eyes_->gitfiles()) unwatched_.erase(split_path(file.path).first);
}

void session_workspace::make_reader() {
  std::vector<kept_entry> besides = checked_out_;
  besides.insert(besides.end(), kept_.begin(), kept_.end());
  if (eyes_) besides.insert(besides.end(), eyes_->gitfiles().begin(), eyes_->gitfiles().end());
  reader_ = std::make_unique<tree_reader>(private_.get(), record_.shared, besides);
}

void session_workspace::look_after_eyes() {
  if (!eyes_) return;
  // Those who know that no file of the tree has changed have not looked at this one.
  if (descriptor work = open_work())
    tree_sync(*reader_, *cache_, options(true)).run_at(work.get(), git_oid{}, ".git");
  git_oid head = record_.base_commit;
  if (!read_reference(private_.get(), head_reference(record_.session_id), head))
    read_reference(private_.get(), session_branch(record_.session_id), head);
  eyes_->look_after(folder_.get(), head, *cache_, unwatched_);
  eyes_seen_ = true;
}

}  // namespace ratchet::git
