// SPDX-License-Identifier: MIT
#include "runtime/git/eyes.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstring>

#include "runtime/git/paths.hpp"
#include "runtime/git/tree_sync.hpp"

namespace ratchet::git {

namespace {

constexpr const char* index_name = "index";
const std::string eyes_folder = "eyes/";
constexpr std::string_view symbolic = "ref: ";

/// Of a file that nobody else has a link to or may write.
std::optional<std::string> read_plain(int dir, const std::string& name) {
  struct stat now;
  auto bytes = read_regular(dir, name.c_str(), &now);
  if (bytes && ((now.st_mode & 07777) != 0644 || now.st_nlink != 1)) bytes.reset();
  return bytes;
}

/// In place where that goes, which is what costs least.
void put_plain(int dir, const std::string& name, const std::string& bytes,
               const std::string& path) {
  struct stat now;
  if (::fstatat(dir, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(now.st_mode))
    remove_entry(dir, name.c_str(), path);
  if (!overwrite_regular(dir, name.c_str(), bytes, 0644, path))
    write_regular(dir, name.c_str(), bytes, 0644, path);
}

/// The folder at `path`; what stands in its way goes.
descriptor made_folder(int root, const std::string& path, const std::string& where) {
  descriptor at = open_folder_beneath(root, path);
  if (at) return at;
  if (path.empty()) refuse_errno("open the folder " + where);
  auto [above, name] = split_path(path);
  descriptor holder = made_folder(root, above, where);
  remove_entry(holder.get(), name.c_str(), where + "/" + path);
  if (::mkdirat(holder.get(), name.c_str(), 0755) < 0 ||
      !(at = open_folder(holder.get(), name.c_str())))
    refuse_errno("make the folder " + where + "/" + path);
  return at;
}

/// Of bytes that are mostly there already. (libgit2's blob functions begin with a new file.)
git_oid stored_blob(git_repository* repository, const std::string& bytes, const std::string& path) {
  odb_ptr odb;
  git_oid id;
  check(git_repository_odb(out(odb), repository), "open the session's objects");
  check(git_odb_write(&id, odb.get(), bytes.data(), bytes.size(), GIT_OBJECT_BLOB),
        "store " + path);
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

bool run_eyes::untouched(int dir) {
  if (seen_.empty()) return false;
  for (auto& seen : seen_) {
    struct stat now;
    if (::fstatat(dir, seen.path.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) return false;
    const file_stamp stamp(now);
    if (cached_file{"", seen.stamp, seen.at_ns, {}}.vouches_for(stamp)) continue;
    // It was written just before it was looked at. Once that moment is over nobody can have done
    // the same unseen; until then, or if others were there, what has moved is read again.
    const std::int64_t moment = coarse_now_ns();
    if (stamp != seen.stamp) return false;
    const bool over = alone_ && cached_file{"", stamp, moment, {}}.vouches_for(stamp);
    if (!over && !holds_moved(dir, seen.path)) return false;
    seen.at_ns = moment;
  }
  return true;
}

bool run_eyes::holds_moved(int dir, const std::string& path) {
  const bool index = path == eyes_folder + index_name;
  if (!index && path != eyes_folder + moving_) return false;
  descriptor eyes = open_folder(dir, "eyes");
  return eyes && (index ? index_is_whole(eyes.get()) : moving_is_whole(eyes.get()));
}

void run_eyes::remember(int dir) {
  seen_.clear();
  const std::int64_t moment = coarse_now_ns();
  std::set<std::string> paths{"eyes", std::string("eyes/") + index_name};
  for (const auto& entry : entries_)
    for (std::string path = "eyes/" + entry.path; path != "eyes"; path = split_path(path).first)
      paths.insert(path);
  for (const auto& path : paths) {
    struct stat now;
    if (::fstatat(dir, path.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) return seen_.clear();
    seen_.push_back({path, file_stamp(now), moment});
  }
}

void run_eyes::move_to(const git_oid& head) {
  entries_ = plan_;
  moving_ = branch_.empty() ? "HEAD" : branch_;
  // Looked at for themselves: what they hold is another thing at each keep, or in each lane, and
  // worth no object.
  for (const auto& name : {moving_, std::string(index_name)})
    entries_.push_back({name, entry_kind::file, {}});
  head_ = head;
}

bool run_eyes::index_is_whole(int eyes) {
  if (!index_) return false;
  auto bytes = read_plain(eyes, index_name);
  auto sum = bytes ? index_sum(*bytes) : std::nullopt;
  return sum && git_oid_equal(&*sum, &*index_);
}

bool run_eyes::moving_is_whole(int eyes) {
  auto [folder, name] = split_path(moving_);
  descriptor at = open_folder_beneath(eyes, folder);
  return at && read_plain(at.get(), name) == hex(*head_) + "\n";
}

void run_eyes::look_after(int dir, const git_oid& head, cached_folder& work,
                          const std::set<std::string>& unwatched) {
  const bool moved = !head_ || !git_oid_equal(&*head_, &head);
  const bool whole = index_ && untouched(dir);
  if (whole && !moved) return;
  const bool first = !head_;
  if (moved) move_to(head);
  if (moved && !whole) index_.reset();
  if (first) {  // left by another process, maybe
    auto noted = read_regular(dir, "eyes.seen");
    if (noted && noted->size() == 82 && noted->starts_with(hex(head) + " ")) {
      index_ = parse_id(noted->substr(41, 40), "an index");
      indexed_ = head;
    }
  }
  seen_.clear();
  try {
    if (whole)
      write_moved(dir, made_folder(dir, "eyes", lane_).get(), work, unwatched);
    else
      make(dir, work, unwatched);
  } catch (const refusal& r) {
    spdlog::info("{} is made anew: {}", path(), r.why.text);
    remove_entry(dir, "eyes", path());
    cache_ = cached_folder{};
    index_.reset();
    make(dir, work, unwatched);
  }
  remember(dir);
  alone_ = whole;
}

bool run_eyes::move_index_here(int eyes, cached_folder& work) {
  auto bytes = index_ ? read_plain(eyes, index_name) : std::nullopt;
  if (!bytes || bytes->size() < GIT_OID_RAWSZ) return false;
  odb_ptr odb;
  check(git_repository_odb(out(odb), repository_), "open the session's objects");
  tree_ptr before = tree_of(repository_, indexed_), after = tree_of(repository_, *head_);
  const auto changed =
      move_index(*bytes, odb.get(), *git_tree_id(before.get()), *git_tree_id(after.get()), work);
  if (!changed) return false;
  descriptor file(::openat(eyes, index_name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  auto put = [&](std::size_t at, std::size_t size) {
    return ::pwrite(file.get(), bytes->data() + at, size, static_cast<off_t>(at)) ==
           static_cast<ssize_t>(size);
  };
  for (std::size_t at : *changed)
    if (!put(at, index_stat_bytes)) return false;
  const std::size_t end = bytes->size() - GIT_OID_RAWSZ;
  if (!put(end, GIT_OID_RAWSZ)) return false;
  std::memcpy(index_->id, bytes->data() + end, GIT_OID_RAWSZ);
  return true;
}

void run_eyes::note_index(int dir) {
  indexed_ = *head_;
  // One that was cut off has another length, and the index is only written again.
  const std::string note = hex(*head_) + " " + hex(*index_) + "\n";
  if (!overwrite_regular(dir, "eyes.seen", note, 0600, path() + ".seen"))
    replace_file(dir, "eyes.seen", note, false);
}

void run_eyes::write_moved(int dir, int eyes, cached_folder& work,
                           const std::set<std::string>& unwatched) {
  const bool of_head = index_ && git_oid_equal(&indexed_, &*head_);
  const bool whole = of_head ? index_is_whole(eyes) : move_index_here(eyes, work);
  if (!whole) {
    odb_ptr odb;
    check(git_repository_odb(out(odb), repository_), "open the session's objects");
    tree_ptr tree = tree_of(repository_, *head_);
    const std::string bytes = index_of_tree(odb.get(), *git_tree_id(tree.get()), work, unwatched);
    put_plain(eyes, index_name, bytes, path() + "/" + index_name);
    index_ = index_sum(bytes);
  }
  if (!whole || !of_head) note_index(dir);
  if (moving_is_whole(eyes)) return;
  auto [folder, name] = split_path(moving_);
  put_plain(made_folder(eyes, folder, path()).get(), name, hex(*head_) + "\n",
            path() + "/" + moving_);
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
  // First: the sync compares names, and leaves these alone.
  write_moved(dir, eyes.get(), work, unwatched);
  preserved_paths alone;
  alone.left_alone = {index_name, moving_};
  sync_options repair;
  repair.repair = true;
  repair.preserved = &alone;
  tree_reader reader(repository_, {}, entries_);
  tree_sync(reader, cache_, repair).run(eyes.get(), git_oid{});
}

}  // namespace ratchet::git
