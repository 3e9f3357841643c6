// SPDX-License-Identifier: MIT
//
// A run that sees the work tree through an overlay (overlayfs, mounted by ratchet-launcher) writes
// nothing in it: what it wrote is in a folder of its own, and thrown away with that. So a work tree
// of many files need not be looked at after each run; it still is now and then, as others than runs
// can write in it.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <utility>

#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

/// Of the time that passes, at most one part in so many goes into looking at the work tree.
constexpr int rest_between_looks = 20;

/// The overlay's mark that a name of the work tree is gone.
bool is_whiteout(const struct stat& s) { return S_ISCHR(s.st_mode) && s.st_rdev == 0; }

/// The overlay's mark that a folder was made anew: what the work tree has there does not show.
bool is_opaque(int folder) {
  char value = 0;
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"})
    if (::fgetxattr(folder, name, &value, 1) == 1 && value == 'y') return true;
  return false;
}

/// Whether it, or a folder in it, is opaque.
bool holds_opaque(int folder) {
  if (is_opaque(folder)) return true;
  folder_names names(folder);
  for (const auto& entry : names.entries()) {
    descriptor below = open_folder(folder, std::string(entry.name).c_str());
    if (below && holds_opaque(below.get())) return true;
  }
  return false;
}

/// Where the name at `path` comes from, seen through an overlay.
struct seen_name {
  enum class from { work_tree, upper, nowhere } source;
  bool opaque = false;  ///< a folder above it is
};

seen_name look_up(int upper, const std::string& path) {
  descriptor above;
  int at = upper;
  bool opaque = false;
  for (std::string_view rest = path;;) {
    auto slash = rest.find('/');
    std::string name(rest.substr(0, slash));
    struct stat now;
    if (::fstatat(at, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0)
      return {opaque ? seen_name::from::nowhere : seen_name::from::work_tree, opaque};
    if (is_whiteout(now)) return {seen_name::from::nowhere, opaque};
    if (slash == rest.npos) return {seen_name::from::upper, opaque};
    if (!S_ISDIR(now.st_mode)) return {seen_name::from::nowhere, opaque};
    descriptor below = open_folder(at, name.c_str());
    if (!below) refuse_errno("look into " + path + " in the run's overlay");
    opaque = opaque || is_opaque(below.get());
    above = std::move(below);
    at = above.get();
    rest.remove_prefix(slash + 1);
  }
}

std::optional<std::string> read_limited(int root, const std::string& path, std::size_t max_bytes,
                                        const std::string& where) {
  auto [folder, name] = split_path(path);
  descriptor at = open_folder_beneath(root, folder);
  struct stat now;
  if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG(now.st_mode))
    return std::nullopt;
  if (static_cast<std::uint64_t>(now.st_size) > max_bytes)
    refuse(errc::workspace_failed, path + " has " + std::to_string(now.st_size) +
                                       " bytes, more than the " + std::to_string(max_bytes) +
                                       " that are read; write a smaller file");
  auto bytes = read_regular(at.get(), name.c_str());
  if (!bytes) refuse_errno("read " + path + " in " + where);
  return bytes;
}

}  // namespace

void session_workspace::forget_content() {
  content_.reset();
  trust_ = trust::none;
  built_ = false;
  eyes_seen_ = false;
}

std::string session_workspace::begin_run() {
  drop_overlay();
  content_before_run_ = content_;
  built_before_run_ = built_;
  forget_content();
  if (eyes_) eyes_->expect_others();
  if (record_.in_place() || overlay_refused_ || files_seen_ < overlay_from_ ||
      !(content_before_run_ || built_before_run_))
    return "";
  // What a run compiles in the tree would be thrown away, and compiled again by each after a keep.
  if (dates_.build_seen() && !built_before_run_) return "";
  for (int n = 1;; ++n) {
    // Beside one that could not be removed yet.
    overlay_ = "overlay-" + std::to_string(n);
    if (::mkdirat(folder_.get(), overlay_.c_str(), 0700) == 0) break;
    if (errno != EEXIST || n == 1000) refuse_errno("make the folder " + path_ + "/" + overlay_);
  }
  for (const char* part : {"/upper", "/work"})
    if (::mkdirat(folder_.get(), (overlay_ + part).c_str(), 0755) < 0)
      refuse_errno("make the folder " + path_ + "/" + overlay_ + part);
  return path_ + "/" + overlay_;
}

void session_workspace::end_run(bool overlaid) {
  if (overlay_.empty()) return;
  overlaid_ = overlaid;
  if (!overlaid) {
    overlay_refused_ = true;
    return drop_overlay();
  }
  built_ = built_before_run_;
  if (!content_before_run_) return;
  if (clock::now() - looked_at_ > look_took_ * rest_between_looks) return;
  content_ = content_before_run_;
  trust_ = trust::until_next_look;
}

void session_workspace::drop_overlay() {
  overlaid_ = false;
  if (overlay_.empty()) return;
  overlay_.clear();
  remove_old_overlays();
}

void session_workspace::remove_old_overlays() {
  folder_names names(folder_.get());
  for (const auto& entry : names.entries()) try {
      if (entry.name.starts_with("overlay-"))
        remove_entry(folder_.get(), std::string(entry.name).c_str(), path_);
    } catch (const refusal& r) {  // the command of a killed process may still be at work there
      spdlog::warn("session {}: what a run wrote is left for now: {}", record_.session_id,
                   r.why.text);
    }
}

std::optional<std::string> session_workspace::read_in_work(const std::string& path,
                                                           std::size_t max_bytes) {
  if (overlaid_) {
    descriptor upper = open_folder_beneath(folder_.get(), overlay_ + "/upper");
    if (!upper) refuse_errno("open what the run wrote in " + path_ + "/" + overlay_);
    switch (look_up(upper.get(), path).source) {
      case seen_name::from::nowhere:
        return std::nullopt;
      case seen_name::from::upper:
        return read_limited(upper.get(), path, max_bytes, path_ + "/" + overlay_ + "/upper");
      case seen_name::from::work_tree:
        break;
    }
  }
  descriptor work = work_or_refuse();
  return read_limited(work.get(), path, max_bytes, work_path());
}

std::vector<difference> session_workspace::protected_differences(const std::string& path) {
  if (!overlaid_) {
    descriptor work = work_or_refuse();
    return tree_sync(*reader_, *cache_, options(false)).run_at(work.get(), record_.base_tree, path);
  }
  descriptor upper = open_folder_beneath(folder_.get(), overlay_ + "/upper");
  if (!upper) refuse_errno("open what the run wrote in " + path_ + "/" + overlay_);
  const auto seen = look_up(upper.get(), path);
  if (seen.source == seen_name::from::work_tree) return {};
  if (seen.source == seen_name::from::nowhere) return {{path, found_as::missing}};
  cached_folder nothing_known;
  auto found = tree_sync(*reader_, nothing_known, options(false))
                   .run_at(upper.get(), record_.base_tree, path);
  descriptor folder = open_folder_beneath(upper.get(), path);
  if (seen.opaque || (folder && holds_opaque(folder.get()))) return found;
  // What only the work tree has is not missing.
  std::erase_if(found, [](const auto& d) { return d.what == found_as::missing; });
  return found;
}

}  // namespace ratchet::git
