// SPDX-License-Identifier: MIT
#include "runtime/objects/cached_repository.hpp"

#include <git2/odb_backend.h>
#include <git2/sys/odb_backend.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <unordered_map>

#include "actors/logic/text.hpp"
#include "runtime/git/path_checks.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

namespace {

/// libgit2's indexer writes through a memory map, which kills the process on a full disk.
constexpr std::uint64_t spare_disk_bytes = 64ULL << 20;

/// Walks all that a tree names, each object once, and adds up what a work tree of it would hold: a
/// tree of few objects can name one file a billion times.
class closure_check {
 public:
  closure_check(git_odb* odb, const transfer_limits& limits) : odb_(odb), limits_(limits) {}

  struct extent {
    std::uint64_t files = 0, bytes = 0;
  };

  extent tree(const git_oid& id, int depth = 0) {
    if (depth > max_tree_depth)
      refuse(errc::repository_refused,
             "the repository has folders nested too deeply to be checked out; flatten them");
    if (auto known = seen_.find(id); known != seen_.end()) return known->second;
    auto object = read_object(odb_, id, GIT_OBJECT_TREE);
    extent sum;
    for (const auto& entry : parse_tree(bytes_of(object), "the tree " + hex(id))) {
      extent one{1, 0};
      if (entry.folder())
        one = tree(entry.oid(), depth + 1);
      else if (!entry.submodule())
        one.bytes = blob(entry.oid());
      sum.files += one.files;
      sum.bytes += one.bytes;
      // Before a sum can overflow.
      if (sum.files > limits_.objects || sum.bytes > limits_.inflated_bytes)
        refuse(errc::repository_refused,
               "a work tree of the repository would have more files or bytes than may travel (" +
                   std::to_string(limits_.objects) + " and " +
                   std::to_string(limits_.inflated_bytes) + "); raise the limits");
    }
    seen_[id] = sum;
    return sum;
  }

 private:
  std::uint64_t blob(const git_oid& id) {
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&size, &type, odb_, &id) < 0 || type != GIT_OBJECT_BLOB)
      refuse(errc::workspace_failed,
             "the pack that arrived lacks the file " + hex(id) + "; send the base again");
    return size;
  }

  git_odb* odb_;
  const transfer_limits& limits_;
  std::unordered_map<git_oid, extent, oid_hash, oid_equal> seen_;
};

std::vector<shared_link> check_shared(const tree_ptr& tree, const session_settings& settings,
                                      const std::map<std::string, std::string>& shared) {
  std::vector<shared_link> links;
  auto refused = [](const std::string& path, const std::string& how) {
    refuse(errc::invalid_argument, "shared_paths: \"" + one_line(path) + "\" " + how,
           json{{"field", "shared_paths"}, {"given", valid_utf8(path)}});
  };
  for (std::string path : settings.shared_paths) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (auto fault = path_fault(path); !fault.empty()) refused(path, fault);
    auto holds_other = [&](const std::string& at, auto... modes) {
      auto entry = entry_at(tree.get(), at);
      return entry && ((git_tree_entry_filemode(entry.get()) != modes) && ...);
    };
    if (holds_other(path, GIT_FILEMODE_COMMIT))
      refused(path, "is tracked, so every work tree has it");
    for (std::string at = split_path(path).first; !at.empty(); at = split_path(at).first)
      if (holds_other(at, GIT_FILEMODE_COMMIT, GIT_FILEMODE_TREE))
        refused(path, "lies below the tracked file \"" + at + "\"");
    for (const auto& other : links)
      if (is_within(path, other.path) || is_within(other.path, path))
        refused(path, "overlaps with \"" + other.path + "\"");
    auto target = shared.find(path);
    struct stat now;
    if (target == shared.end() || target->second.empty() || target->second.front() != '/' ||
        ::lstat(target->second.c_str(), &now) < 0)
      refused(path, "is not on this worker; put it there and tell the worker its path");
    links.push_back({path, target->second});
  }
  return links;
}

}  // namespace

// -- one repository -------------------------------------------------------------------------------

cached_repository::cached_repository(const std::string& path) : path_(path) {
  start_libgit2();
  check(git_repository_open_bare(out(repository_), path.c_str()),
        "open the cached repository " + path);
  check(git_repository_odb(out(odb_), repository_.get()), "open the objects of " + path);
}

bool cached_repository::has(const git_oid& id) {
  if (!git_odb_exists(odb_.get(), &id)) return false;
  auto found = resolve(odb_.get(), id);
  return !found.commit || git_odb_exists(odb_.get(), &found.tree);
}

change_objects cached_repository::read_change(std::string_view bytes, const git_oid& base,
                                              const transfer_limits& limits) {
  change_limits most{limits.change_bytes, limits.objects};
  auto change = decode_change(bytes, most);
  auto known = resolve(odb_.get(), base);
  if (!git_oid_equal(&known.tree, &change.base_tree))
    refuse(errc::workspace_failed, "the candidate that arrived is a change of the tree " +
                                       hex(change.base_tree) + ", not of " + hex(base) +
                                       "; send it again");
  change_objects made{objects_of(odb_.get(), change, most), change.wanted, 0};
  std::erase_if(made.objects, [&](const new_object& object) {
    return git_odb_exists_ext(odb_.get(), &object.id, GIT_ODB_LOOKUP_NO_REFRESH) != 0;
  });
  // A block for each beside its bytes, as zlib can make them no longer than that.
  for (const auto& object : made.objects) made.bytes += object.bytes.size() + 8192;
  return made;
}

std::uint64_t cached_repository::store(const change_objects& change) {
  std::uint64_t stored = 0;
  for (const auto& object : change.objects) {
    git_oid id;
    check(git_odb_write(&id, odb_.get(), object.bytes.data(), object.bytes.size(), object.type),
          "store an object in " + path_ + " (is the disk full?)");
    std::string name = hex(id);
    struct stat now;
    if (::stat((path_ + "/objects/" + name.substr(0, 2) + "/" + name.substr(2)).c_str(), &now) == 0)
      stored += static_cast<std::uint64_t>(now.st_blocks) * 512;
  }
  return stored;
}

// -- a pack that comes in -------------------------------------------------------------------------

incoming_pack::incoming_pack(std::string folder, const transfer_limits& limits)
    : folder_(std::move(folder)), limits_(limits), check_(limits) {
  start_libgit2();
  git_indexer* raw = nullptr;
  check(git_indexer_new(&raw, folder_.c_str(), 0444, nullptr, nullptr),
        "begin to take a pack in " + folder_);
  indexer_.reset(raw);
}

void incoming_pack::append(std::string_view chunk) {
  check_.feed(chunk);
  struct statvfs disk;
  if (::statvfs(folder_.c_str(), &disk) == 0 &&
      static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < chunk.size() + spare_disk_bytes)
    refuse(errc::workspace_failed,
           "the disk of " + folder_ + " is nearly full; free some space and send the base again");
  git_indexer_progress progress{};
  check(git_indexer_append(indexer_.get(), chunk.data(), chunk.size(), &progress),
        "take the pack that arrived");
}

std::string incoming_pack::finish(const git_oid& wanted, git_oid& tree) {
  check_.finish();
  git_indexer_progress progress{};
  check(git_indexer_commit(indexer_.get(), &progress), "take the pack that arrived");
  std::string name = std::string("pack-") + git_indexer_name(indexer_.get());
  git_odb_backend* pack = nullptr;
  check(git_odb_backend_one_pack(&pack, (folder_ + "/" + name + ".idx").c_str()),
        "open the pack that arrived");
  odb_ptr odb;
  int made = git_odb_new(out(odb));
  if (made < 0 || git_odb_add_backend(odb.get(), pack, 1) < 0) {
    pack->free(pack);
    check(-1, "look through the pack that arrived");
  }
  tree = resolve(odb.get(), wanted).tree;
  closure_check(odb.get(), limits_).tree(tree);
  return name;
}

// -- a session's base -----------------------------------------------------------------------------

checked_repository check_cached(const std::string& git_dir, const git_oid& commit,
                                const session_settings& settings,
                                const std::map<std::string, std::string>& shared) {
  start_libgit2();
  checked_repository checked;
  checked.root = checked.common_dir = git_dir;
  check(git_repository_open_bare(out(checked.repository), git_dir.c_str()),
        "open the cached repository " + git_dir);
  commit_ptr found;
  if (git_commit_lookup(out(found), checked.repository.get(), &commit) < 0)
    refuse(errc::workspace_failed,
           "the commit " + hex(commit) + " is not in " + git_dir + "; send the base again",
           json{{"missing", hex(commit)}});
  checked.base_commit = commit;
  tree_ptr tree = tree_of(checked.repository.get(), commit);
  checked.base_tree = *git_tree_id(tree.get());
  if (settings.as_checked_out)
    refuse(
        errc::repository_refused,
        "as_checked_out: submodules and files behind filters do not travel to workers yet; leave "
        "it out, or let the session run on its own node",
        json{{"field", "as_checked_out"}});
  session_settings here = settings;
  here.workspace = workspace_kind::worktree;
  here.shared_paths.clear();
  check_paths(checked, tree.get(), here);
  checked.shared = check_shared(tree, settings, shared);
  return checked;
}

}  // namespace ratchet::git
