// SPDX-License-Identifier: MIT
#include "runtime/git/run_overlay.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <utility>

#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

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

}  // namespace

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

run_overlay::run_overlay(int folder, std::string path, std::string session)
    : folder_(folder), path_(std::move(path)), session_(std::move(session)) {}

run_overlay::~run_overlay() {
  try {
    drop();
  } catch (...) {  // removed at the next open
  }
}

std::string run_overlay::begin() {
  drop();
  for (int n = 1;; ++n) {
    // Beside one that could not be removed yet.
    name_ = "overlay-" + std::to_string(n);
    if (::mkdirat(folder_, name_.c_str(), 0700) == 0) break;
    if (errno != EEXIST || n == 1000) refuse_errno("make the folder " + path_ + "/" + name_);
  }
  for (const char* part : {"/upper", "/work"})
    if (::mkdirat(folder_, (name_ + part).c_str(), 0755) < 0)
      refuse_errno("make the folder " + path_ + "/" + name_ + part);
  return path_ + "/" + name_;
}

bool run_overlay::end(bool overlaid) {
  if (name_.empty()) return false;
  shows_ = overlaid;
  if (overlaid) return true;
  refused_ = true;
  drop();
  return true;
}

void run_overlay::drop() {
  shows_ = false;
  if (name_.empty()) return;
  name_.clear();
  remove_left();
}

void run_overlay::remove_left() {
  folder_names names(folder_);
  for (const auto& entry : names.entries()) try {
      if (entry.name.starts_with("overlay-"))
        remove_entry(folder_, std::string(entry.name).c_str(), path_);
    } catch (const refusal& r) {  // the command of a killed process may still be at work there
      spdlog::warn("session {}: what a run wrote is left for now: {}", session_, r.why.text);
    }
}

descriptor run_overlay::upper() const {
  descriptor upper = open_folder_beneath(folder_, name_ + "/upper");
  if (!upper) refuse_errno("open what the run wrote in " + path_ + "/" + name_);
  return upper;
}

run_overlay::seen_file run_overlay::read(const std::string& path, std::size_t max_bytes) const {
  descriptor written = upper();
  switch (look_up(written.get(), path).source) {
    case seen_name::from::nowhere:
      return {};
    case seen_name::from::work_tree:
      return {true, std::nullopt};
    case seen_name::from::upper:
      break;
  }
  return {false, read_limited(written.get(), path, max_bytes, path_ + "/" + name_ + "/upper")};
}

std::vector<difference> run_overlay::differences(tree_reader& reader, const sync_options& look,
                                                 const git_oid& tree,
                                                 const std::string& path) const {
  descriptor written = upper();
  const auto seen = look_up(written.get(), path);
  if (seen.source == seen_name::from::work_tree) return {};
  if (seen.source == seen_name::from::nowhere) return {{path, found_as::missing}};
  cached_folder nothing_known;
  auto found = tree_sync(reader, nothing_known, look).run_at(written.get(), tree, path);
  descriptor folder = open_folder_beneath(written.get(), path);
  if (seen.opaque || (folder && holds_opaque(folder.get()))) return found;
  // What only the work tree has is not missing.
  std::erase_if(found, [](const auto& d) { return d.what == found_as::missing; });
  return found;
}

}  // namespace ratchet::git
