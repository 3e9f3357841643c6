// SPDX-License-Identifier: MIT
#include "runtime/git/tree_sync.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

/// Bytes; asking how large a blob is costs about as much.
constexpr off_t read_anyway = 64 << 10;

// A path of git's can have no more than 2,048 components; each one costs us a descriptor.
constexpr int max_depth = 400;

bool is_folder_at(int dir, const folder_entry& entry) {
  if (entry.type != DT_UNKNOWN) return entry.type == DT_DIR;
  struct stat now;
  return ::fstatat(dir, entry.name.data(), &now, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(now.st_mode);
}

const wanted_entry* find_entry(const tree_listing& listing, const std::string& name) {
  auto it =
      std::lower_bound(listing.begin(), listing.end(), name,
                       [](const wanted_entry& e, const std::string& n) { return e.name < n; });
  return it != listing.end() && it->name == name ? &*it : nullptr;
}

bool is_folder_kind(entry_kind kind) {
  return kind == entry_kind::folder || kind == entry_kind::empty_folder;
}

mode_t mode_of(const wanted_entry& wanted) {
  if (wanted.mode != 0) return wanted.mode;
  return wanted.kind == entry_kind::executable ? 0755 : 0644;
}

git_oid hash_of(const std::string& bytes) {
  git_oid id;
  check(git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB), "hash a file");
  return id;
}

}  // namespace

std::vector<difference> tree_sync::run(int root, const git_oid& tree) {
  differences_.clear();
  folder({root, "", &cache_, 0}, &tree);
  return std::move(differences_);
}

std::vector<difference> tree_sync::run_at(int root, const git_oid& tree, const std::string& path) {
  differences_.clear();
  place here{root, "", &cache_, 0};
  descriptor holder;
  std::optional<git_oid> id = tree;
  bool touched = false;
  for (std::string_view rest = path;;) {
    auto slash = rest.find('/');
    std::string name(rest.substr(0, slash));
    auto listing = reader_.listing(id ? &*id : nullptr, here.path);
    const wanted_entry* wanted = find_entry(*listing, name);
    struct stat now;
    bool on_disk = ::fstatat(here.dir, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0;
    if (slash == rest.npos) {
      if (wanted) {
        cached_file* cached = here.cache->find(name);
        std::optional<cached_file> before;
        if (cached) before = *cached;
        auto kept = entry(here, *wanted, on_disk, before ? &*before : nullptr, touched);
        if (kept) here.cache->put(std::move(*kept));
        if (touched && !is_folder_kind(wanted->kind)) verify(here, {}, {wanted});
      } else if (on_disk) {
        extra(here, name.c_str(), S_ISDIR(now.st_mode), touched);
      }
      break;
    }
    if (!wanted && !(on_disk && S_ISDIR(now.st_mode))) break;  // so the path does not exist
    if (wanted && wanted->kind != entry_kind::folder) break;   // nor here: it would be below a file
    descriptor below = open_folder(here.dir, name.c_str());
    if (!below) {
      differences_.push_back({path, found_as::missing});
      if (!options_.repair) break;
      if (!wanted) refuse_errno("look into " + joined(here.path, name));
      remove_entry(here.dir, name.c_str(), joined(here.path, name));
      if (::mkdirat(here.dir, name.c_str(), 0755) < 0 ||
          !(below = open_folder(here.dir, name.c_str())))
        refuse_errno("make the folder " + joined(here.path, name));
      if (!options_.user_tree && ::fchmod(below.get(), 0755) < 0)  // whatever the umask is
        refuse_errno("set the mode of " + joined(here.path, name));
    }
    here = {below.get(), joined(here.path, name), &here.cache->folder(name), here.depth + 1};
    holder = std::move(below);
    id = wanted ? std::optional<git_oid>(wanted->id) : std::nullopt;
    rest.remove_prefix(slash + 1);
  }
  return std::move(differences_);
}

void tree_sync::folder(const place& here, const git_oid* tree) {
  if (here.depth > max_depth)
    refuse(errc::workspace_failed, "the folder " + here.path.substr(0, 200) +
                                       "… is nested too deeply to be restored; flatten it");
  here.cache->tree.reset();
  const std::size_t differences_before = differences_.size();
  auto wanted = reader_.listing(tree, here.path);
  folder_names names(here.dir);
  const auto& found = names.entries();

  // Emptied while we work: an exception must not leave a half-moved cache behind.
  std::vector<cached_file> before = std::move(here.cache->files);
  here.cache->files.clear();
  std::vector<cached_file> after;
  after.reserve(wanted->size());
  std::vector<const wanted_entry*> rewritten;
  bool any_touched = false;

  auto cached = before.begin();
  auto disk = found.begin();
  auto want = wanted->begin();
  while (disk != found.end() || want != wanted->end()) {
    bool touched = false;
    int order = want == wanted->end() ? -1
                : disk == found.end() ? 1
                                      : disk->name.compare(want->name);
    if (order < 0) {
      if (!options_.tracked_only)
        extra(here, disk->name.data(), is_folder_at(here.dir, *disk), touched);
      ++disk;
    } else {
      while (cached != before.end() && cached->name < want->name) ++cached;
      bool known = cached != before.end() && cached->name == want->name;
      auto kept = entry(here, *want, order == 0, known ? &*cached : nullptr, touched);
      if (kept) after.push_back(std::move(*kept));
      if (touched && !is_folder_kind(want->kind)) rewritten.push_back(&*want);
      if (order == 0) ++disk;
      ++want;
    }
    any_touched |= touched;
  }
  here.cache->files = std::move(after);
  if (any_touched && !options_.fresh) verify(here, *wanted, rewritten);
  const bool whole = !options_.products_only && !options_.tracked_only && !options_.user_tree &&
                     (options_.repair || differences_.size() == differences_before);
  if (whole && !options_.loose_modes) here.cache->tree = tree ? *tree : git_oid{};
}

std::optional<cached_file> tree_sync::entry(const place& here, const wanted_entry& wanted,
                                            bool on_disk, cached_file* cached, bool& touched) {
  if (options_.preserved && options_.preserved->left_alone.count(joined(here.path, wanted.name)))
    return std::nullopt;
  const bool passed_by = options_.tracked_only ? wanted.product
                                               : options_.products_only && !wanted.product &&
                                                     wanted.kind != entry_kind::folder;
  if (passed_by) return cached ? std::optional(std::move(*cached)) : std::nullopt;
  if (!is_folder_kind(wanted.kind)) return file(here, wanted, on_disk, cached, touched);
  if (!(options_.user_tree && wanted.kind == entry_kind::empty_folder))
    subfolder(here, wanted, on_disk, touched);
  return std::nullopt;
}

void tree_sync::subfolder(const place& here, const wanted_entry& wanted, bool on_disk,
                          bool& touched) {
  std::string path = joined(here.path, wanted.name);
  const char* name = wanted.name.c_str();
  const git_oid* tree = wanted.kind == entry_kind::folder ? &wanted.id : nullptr;
  if (options_.skip_vouched && on_disk && tree) {
    const cached_folder& seen = here.cache->folder(wanted.name);
    if (seen.vouched && seen.tree && git_oid_equal(&*seen.tree, tree)) return;
  }
  descriptor below;
  if (on_disk) below = open_folder(here.dir, name);
  if (!below) {
    if (!on_disk && !options_.repair) {
      differences_.push_back({path, found_as::missing, true, false, wanted.product});
      report_missing(tree, path);
      return;
    }
    differences_.push_back(
        {path, on_disk ? found_as::changed : found_as::missing, true, false, wanted.product});
    here.cache->drop(wanted.name);
    if (!options_.repair) return;
    touched = true;
    if (on_disk) remove_entry(here.dir, name, path);
    if (::mkdirat(here.dir, name, 0755) < 0 || !(below = open_folder(here.dir, name)))
      refuse_errno("make the folder " + path);
  }
  if (!options_.user_tree && options_.repair) {
    struct stat now;
    if (::fstat(below.get(), &now) < 0) refuse_errno("look at " + path);
    if ((now.st_mode & 0777) != 0755 && ::fchmod(below.get(), 0755) < 0)
      refuse_errno("set the mode of " + path);
  }
  folder({below.get(), path, &here.cache->folder(wanted.name), here.depth + 1}, tree);
}

void tree_sync::extra(const place& here, const char* name, bool is_folder, bool& touched) {
  if (options_.user_tree && here.path.empty() && std::string_view(name) == ".git") return;
  std::string path = joined(here.path, name);
  if (options_.preserved) {
    if (options_.preserved->left_alone.count(path)) return;
    if (is_folder && options_.preserved->folders.count(path)) {
      descriptor below = open_folder(here.dir, name);
      if (!below) refuse_errno("look into " + path);
      folder({below.get(), path, &here.cache->folder(name), here.depth + 1}, nullptr);
      return;
    }
  }
  if (options_.repair) {
    differences_.push_back({path, found_as::extra, is_folder, false, true});
    look_for_build(here.dir, name, path);
    remove_entry(here.dir, name, path);
    here.cache->drop(name);
    touched = true;
    return;
  }
  differences_.push_back({path, found_as::extra, is_folder, false, true});
  if (!is_folder || !options_.enter_extra) return;
  descriptor below = open_folder(here.dir, name);
  if (!below) refuse_errno("look into " + path);
  struct stat now;
  bool repository = !options_.enter_repositories &&
                    ::fstatat(below.get(), ".git", &now, AT_SYMLINK_NOFOLLOW) == 0;
  if (repository || here.depth > max_depth / 2) {
    differences_.back().repository = true;
    return;
  }
  folder({below.get(), path, &here.cache->folder(name), here.depth + 1}, nullptr);
}

void tree_sync::report_missing(const git_oid* tree, const std::string& path) {
  auto listing = reader_.listing(tree, path);
  for (const auto& wanted : *listing) {
    std::string below = joined(path, wanted.name);
    differences_.push_back(
        {below, found_as::missing, is_folder_kind(wanted.kind), false, wanted.product});
    if (wanted.kind == entry_kind::folder) report_missing(&wanted.id, below);
  }
}

bool tree_sync::type_fits(const wanted_entry& wanted, const struct stat& status) const {
  if (wanted.kind == entry_kind::link || wanted.kind == entry_kind::shared_link)
    return S_ISLNK(status.st_mode);
  if (!S_ISREG(status.st_mode)) return false;
  bool executable = wanted.kind == entry_kind::executable;
  if (options_.user_tree || options_.loose_modes)
    return ((status.st_mode & 0100) != 0) == executable;
  // A second link would let a later write reach, or come from, outside.
  return (status.st_mode & 07777) == mode_of(wanted) && status.st_nlink == 1;
}

bool tree_sync::content_fits(const place& here, const wanted_entry& wanted,
                             const struct stat& now) const {
  const char* name = wanted.name.c_str();
  bool link = wanted.kind == entry_kind::link || wanted.kind == entry_kind::shared_link;
  // A run may have made it larger than memory is.
  if (!link && now.st_size > read_anyway && reader_.size_of(wanted.id) != now.st_size) return false;
  auto bytes = link ? read_link(here.dir, name) : read_regular(here.dir, name);
  if (!bytes) return false;
  if (wanted.kind == entry_kind::shared_link) return *bytes == wanted.target;
  git_oid id = hash_of(*bytes);
  return git_oid_equal(&id, &wanted.id) != 0;
}

std::optional<cached_file> tree_sync::file(const place& here, const wanted_entry& wanted,
                                           bool on_disk, cached_file* cached, bool& touched) {
  struct stat now;
  std::int64_t moment = coarse_now_ns();
  if (on_disk) on_disk = ::fstatat(here.dir, wanted.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0;
  if (on_disk && type_fits(wanted, now)) {
    file_stamp stamp(now);
    bool same_id = cached && git_oid_equal(&cached->id, &wanted.id);
    bool in_order = wanted.mtime_ns == 0 || wanted.mtime_ns == stamp.mtime_ns;
    if (wanted.kind != entry_kind::shared_link && same_id && in_order) {
      if (cached->vouches_for(stamp)) return std::move(*cached);
      if (options_.trust_written && cached->stamp == stamp)
        return cached_file{wanted.name, stamp, moment, wanted.id, cached->dated};
    }
    if (!(options_.stamps_only && wanted.product) && content_fits(here, wanted, now)) {
      if (wanted.kind == entry_kind::shared_link) return std::nullopt;
      return in_time(here, wanted, cached, now, moment);
    }
  }
  if (!options_.fresh)
    differences_.push_back({joined(here.path, wanted.name),
                            on_disk ? found_as::changed : found_as::missing, false, false,
                            wanted.product});
  // What is known of it still says which content it had.
  if (!options_.repair) return cached ? std::optional(std::move(*cached)) : std::nullopt;
  touched = true;
  if (on_disk && wanted.product)
    look_for_build(here.dir, wanted.name.c_str(), joined(here.path, wanted.name));
  if (on_disk && S_ISDIR(now.st_mode)) {
    remove_entry(here.dir, wanted.name.c_str(), joined(here.path, wanted.name));
    here.cache->drop(wanted.name);
  }
  struct stat written = write(here, wanted, on_disk ? &now : nullptr);
  if (wanted.kind == entry_kind::shared_link) return std::nullopt;
  return in_time(here, wanted, cached, written, coarse_now_ns());
}

struct stat tree_sync::write(const place& here, const wanted_entry& wanted,
                             const struct stat* before) {
  std::string path = joined(here.path, wanted.name);
  const char* name = wanted.name.c_str();
  if (wanted.kind == entry_kind::shared_link)
    return write_link(here.dir, name, wanted.target, path);
  std::string bytes = reader_.blob(wanted.id, path);
  if (wanted.kind == entry_kind::link) return write_link(here.dir, name, bytes, path);
  mode_t mode = mode_of(wanted);
  if (options_.user_tree && before && S_ISREG(before->st_mode) && type_fits(wanted, *before))
    mode = before->st_mode & 0777;  // the user's umask may differ from git's modes
  if (options_.fresh) return write_new(here.dir, name, bytes, mode, path);
  // What the user sees never shows half written.
  if (!options_.user_tree && before && S_ISREG(before->st_mode))
    if (auto written = overwrite_regular(here.dir, name, bytes, mode, path)) return *written;
  return write_regular(here.dir, name, bytes, mode, path);
}

void tree_sync::verify(const place& here, const tree_listing& wanted,
                       const std::vector<const wanted_entry*>& rewritten) {
  if (!options_.repair) return;
  for (const auto* entry : rewritten) {
    struct stat now;
    if (::fstatat(here.dir, entry->name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
        !type_fits(*entry, now) || !content_fits(here, *entry, now))
      refuse(errc::workspace_failed,
             joined(here.path, entry->name) + " does not read back as it was restored");
  }
  if (options_.user_tree || options_.tracked_only || wanted.empty()) return;
  folder_names names(here.dir);
  bool same =
      std::equal(names.entries().begin(), names.entries().end(), wanted.begin(), wanted.end(),
                 [](const auto& a, const auto& b) { return a.name == b.name; });
  if (!same)
    refuse(errc::workspace_failed, "the folder " +
                                       (here.path.empty() ? "of the work tree" : here.path) +
                                       " holds other names than it was restored with");
}

}  // namespace ratchet::git
