// SPDX-License-Identifier: MIT
#include "runtime/git/eyes.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/git/paths.hpp"
#include "runtime/git/tree_sync.hpp"

namespace ratchet::git {

namespace {

constexpr const char* index_name = "index";
constexpr std::string_view symbolic = "ref: ";

git_oid stored_blob(git_repository* repository, const std::string& bytes, const std::string& path) {
  git_oid id;
  check(git_blob_create_from_buffer(&id, repository, bytes.data(), bytes.size()), "store " + path);
  return id;
}

/// "modules/dep/HEAD" → "dep"; else empty.
std::string submodule_of(std::string_view planned) {
  constexpr std::string_view before = "modules/", behind = "/HEAD";
  if (!planned.starts_with(before) || !planned.ends_with(behind)) return "";
  planned.remove_prefix(before.size());
  return std::string(planned.substr(0, planned.size() - behind.size()));
}

}  // namespace

void run_eyes::add_gitfile(const std::string& at, const std::string& folder) {
  gitfiles_.push_back(
      {at, entry_kind::file, stored_blob(repository_, "gitdir: " + folder + "\n", at)});
}

run_eyes::run_eyes(git_repository* repository, std::string lane, std::vector<kept_entry> plan)
    : repository_(repository), lane_(std::move(lane)), plan_(std::move(plan)) {
  add_gitfile(".git", path());
  for (const auto& entry : plan_) {
    if (auto submodule = submodule_of(entry.path); !submodule.empty())
      add_gitfile(submodule + "/.git", path() + "/modules/" + submodule);
    if (entry.path != "HEAD") continue;
    std::string text = tree_reader(repository, {}, {}).blob(entry.id, path() + "/HEAD");
    branch_ = text.substr(symbolic.size(), text.size() - symbolic.size() - 1);
  }
}

bool run_eyes::untouched(int dir) const {
  if (seen_.empty()) return false;
  for (const auto& seen : seen_) {
    struct stat now;
    if (::fstatat(dir, seen.path.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
        !cached_file{"", seen.stamp, seen_ns_, {}}.vouches_for(file_stamp(now)))
      return false;
  }
  return true;
}

void run_eyes::remember(int dir) {
  seen_.clear();
  seen_ns_ = coarse_now_ns();
  std::set<std::string> paths{"eyes", std::string("eyes/") + index_name};
  for (const auto& entry : entries_)
    for (std::string path = "eyes/" + entry.path; path != "eyes"; path = split_path(path).first)
      paths.insert(path);
  for (const auto& path : paths) {
    struct stat now;
    if (::fstatat(dir, path.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) return seen_.clear();
    seen_.push_back({path, file_stamp(now)});
  }
}

void run_eyes::move_to(const git_oid& head) {
  entries_ = plan_;
  const std::string moving = branch_.empty() ? "HEAD" : branch_;
  entries_.push_back(
      {moving, entry_kind::file, stored_blob(repository_, hex(head) + "\n", moving)});
  // Looked at for itself: its bytes are another lane's in each lane, and worth no object.
  entries_.push_back({index_name, entry_kind::file, {}});
  head_ = head;
}

bool run_eyes::index_is_whole(int eyes) {
  if (!index_) return false;
  struct stat now;
  auto bytes = read_regular(eyes, index_name, &now);
  if (!bytes || (now.st_mode & 07777) != 0644 || now.st_nlink != 1) return false;
  git_oid id;
  check(git_odb_hash(&id, bytes->data(), bytes->size(), GIT_OBJECT_BLOB), "hash an index");
  return git_oid_equal(&id, &*index_) != 0;
}

void run_eyes::look_after(int dir, const git_oid& head, cached_folder& work,
                          const std::set<std::string>& unwatched) {
  const bool moved = !head_ || !git_oid_equal(&*head_, &head);
  if (!moved && index_ && untouched(dir)) return;
  if (moved) {
    const bool first = !head_;
    move_to(head);
    index_.reset();
    // By another process, maybe.
    auto noted = first ? read_regular(dir, "eyes.seen") : std::nullopt;
    if (noted && noted->size() == 82 && noted->starts_with(hex(head) + " "))
      index_ = parse_id(noted->substr(41, 40), "an index");
  }
  seen_.clear();
  try {
    make(dir, work, unwatched);
  } catch (const refusal& r) {
    spdlog::info("{} is made anew: {}", path(), r.why.text);
    remove_entry(dir, "eyes", path());
    cache_ = cached_folder{};
    index_.reset();
    make(dir, work, unwatched);
  }
  remember(dir);
}

void run_eyes::make(int dir, cached_folder& work, const std::set<std::string>& unwatched) {
  descriptor eyes = open_folder(dir, "eyes");
  if (!eyes) {
    remove_entry(dir, "eyes", path());
    if (::mkdirat(dir, "eyes", 0755) < 0 || !(eyes = open_folder(dir, "eyes")))
      refuse_errno("make the folder " + path());
  }
  struct stat now;
  if (::fstat(eyes.get(), &now) < 0 ||
      ((now.st_mode & 07777) != 0755 && ::fchmod(eyes.get(), 0755) < 0))
    refuse_errno("set the mode of " + path());
  // The file first: the sync compares names, and leaves this one alone.
  if (!index_is_whole(eyes.get())) {
    odb_ptr odb;
    check(git_repository_odb(out(odb), repository_), "open the session's objects");
    tree_ptr tree = tree_of(repository_, *head_);
    const std::string bytes = index_of_tree(odb.get(), *git_tree_id(tree.get()), work, unwatched);
    if (::fstatat(eyes.get(), index_name, &now, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(now.st_mode))
      remove_entry(eyes.get(), index_name, path() + "/" + index_name);
    if (!overwrite_regular(eyes.get(), index_name, bytes, 0644, path() + "/" + index_name))
      write_regular(eyes.get(), index_name, bytes, 0644, path() + "/" + index_name);
    git_oid id;
    check(git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB), "hash an index");
    index_ = id;
    // One that was cut off has another length, and the index is only written again.
    const std::string note = hex(*head_) + " " + hex(id) + "\n";
    if (!overwrite_regular(dir, "eyes.seen", note, 0600, path() + ".seen"))
      replace_file(dir, "eyes.seen", note, false);
  }
  preserved_paths alone;
  alone.left_alone.insert(index_name);
  sync_options repair;
  repair.repair = true;
  repair.preserved = &alone;
  tree_reader reader(repository_, {}, entries_);
  tree_sync(reader, cache_, repair).run(eyes.get(), git_oid{});
}

}  // namespace ratchet::git
