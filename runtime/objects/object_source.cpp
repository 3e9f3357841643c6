// SPDX-License-Identifier: MIT
#include "runtime/objects/object_source.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_set>

#include "actors/logic/text.hpp"
#include "runtime/git/beneath.hpp"
#include "runtime/git/lanes.hpp"
#include "runtime/git/private_repository.hpp"
#include "runtime/git/stat_cache.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/tree_change.hpp"
#include "runtime/git/workspace_record.hpp"
#include "runtime/objects/pack_stream.hpp"

namespace ratchet {

namespace {

using namespace git;

/// Open handles hold memory-mapped packs.
constexpr std::size_t max_open = 16;

/// A session's private repository, read only. Its record tells whether it is still that session's.
struct source {
  std::mutex in_use;
  file_stamp record;
  repository_ptr repository;
  odb_ptr odb;
};

workspace_record read_record(const std::string& path, const std::string& session,
                             file_stamp& stamp) {
  descriptor folder = open_trusted_folder(path);
  struct stat status {};
  auto text = folder ? read_regular(folder.get(), "workspace.json", &status) : std::nullopt;
  if (!text)
    refuse(errc::unknown_session,
           "the session " + session + " has no workspace here; start a new session");
  stamp = file_stamp(status);
  return decode_record(*text, path + "/workspace.json");
}

/// The objects of a tree and all that it names, each once: folders, then files.
class listed_objects {
 public:
  listed_objects(git_odb* odb, const transfer_limits& limits) : odb_(odb), limits_(limits) {}

  void add_tree(const git_oid& id, int depth = 0) {
    if (!seen_.insert(id).second) return;
    if (seen_.size() > limits_.objects)
      refuse(errc::repository_refused, "the repository has more files and folders than the " +
                                           std::to_string(limits_.objects) +
                                           " that may travel; raise the limit");
    if (depth > max_tree_depth)
      refuse(errc::repository_refused,
             "the repository has folders nested too deeply to travel; flatten them");
    auto tree = read_object(odb_, id, GIT_OBJECT_TREE);
    trees_.push_back(id);
    for (const auto& entry : parse_tree(bytes_of(tree), "the tree " + hex(id))) {
      if (entry.folder())
        add_tree(entry.oid(), depth + 1);
      else if (!entry.submodule() && seen_.insert(entry.oid()).second)
        blobs_.push_back(entry.oid());
    }
  }
  const std::vector<git_oid>& trees() const { return trees_; }
  const std::vector<git_oid>& blobs() const { return blobs_; }

 private:
  git_odb* odb_;
  const transfer_limits& limits_;
  std::unordered_set<git_oid, oid_hash, oid_equal> seen_;
  std::vector<git_oid> trees_, blobs_;
};

class session_objects final : public object_source_port {
 public:
  session_objects(std::string sessions, const transfer_limits& limits)
      : sessions_(std::move(sessions)), limits_(limits) {}

  expected<std::string> repository_key(const std::string& id) override {
    return guarded([&] {
      check_work_tree_id(id);
      file_stamp stamp;
      auto record = read_record(sessions_ + "/" + id, id, stamp);
      git_oid key;
      check(git_odb_hash(&key, record.common_dir.data(), record.common_dir.size(), GIT_OBJECT_BLOB),
            "name the repository " + record.common_dir);
      return hex(key);
    });
  }

  expected<std::uint64_t> export_base(const std::string& id, const std::string& commit,
                                      const chunk_sink& sink) override {
    return guarded([&] {
      git_oid wanted = parse_id(commit, "commit");
      check_work_tree_id(id);
      auto from = open(id);  // of its own: this takes long
      auto root = resolve(from->odb.get(), wanted);
      listed_objects listed(from->odb.get(), limits_);
      listed.add_tree(root.tree);
      pack_writer pack(sink, static_cast<std::uint32_t>(listed.trees().size() +
                                                        listed.blobs().size() + root.commit));
      std::uint64_t bytes = 0;
      auto add = [&](const git_oid& object, git_object_t type) {
        std::size_t size = 0;
        git_object_t found = type;
        if (git_odb_read_header(&size, &found, from->odb.get(), &object) == 0 &&
            (size > limits_.object_bytes || (bytes += size) > limits_.inflated_bytes))
          refuse(errc::repository_refused,
                 "the repository is too large to travel: the object " + hex(object) + " of " +
                     std::to_string(size) + " bytes is more than the limit, or makes all of it so");
        pack.add(type, bytes_of(read_object(from->odb.get(), object, type)));
      };
      if (root.commit) add(wanted, GIT_OBJECT_COMMIT);
      for (const auto& tree : listed.trees()) add(tree, GIT_OBJECT_TREE);
      for (const auto& blob : listed.blobs()) add(blob, GIT_OBJECT_BLOB);
      return pack.finish();
    });
  }

  expected<std::string> export_change(const std::string& id, const std::string& base,
                                      const std::string& wanted) override {
    return guarded([&] {
      change_limits most{limits_.change_bytes, limits_.objects};
      check_work_tree_id(id);
      auto from = use(id);
      std::lock_guard lock(from->in_use);
      return encode_change(compare_trees(from->odb.get(), parse_id(base, "base"),
                                         parse_id(wanted, "candidate"), most),
                           most);
    });
  }

 private:
  std::shared_ptr<source> open(const std::string& session) {
    auto opened = std::make_shared<source>();
    read_record(sessions_ + "/" + session, session, opened->record);
    opened->repository = join_private_repository(sessions_ + "/" + session).repository;
    check(git_repository_odb(out(opened->odb), opened->repository.get()),
          "open the objects of session " + session);
    return opened;
  }

  bool current(const std::string& session, const source& opened) const {
    struct stat now;
    return ::stat((sessions_ + "/" + session + "/workspace.json").c_str(), &now) == 0 &&
           file_stamp(now) == opened.record;
  }

  std::shared_ptr<source> use(const std::string& session) {
    std::lock_guard lock(mutex_);
    auto it =
        std::find_if(open_.begin(), open_.end(), [&](const auto& p) { return p.first == session; });
    if (it != open_.end() && current(session, *it->second)) {
      open_.splice(open_.begin(), open_, it);
      return it->second;
    }
    // A session that ended must not keep the disk space of packs that are gone.
    std::erase_if(open_, [&](const auto& p) { return !current(p.first, *p.second); });
    open_.emplace_front(session, open(session));
    if (open_.size() > max_open) open_.pop_back();
    return open_.front().second;
  }

  std::string sessions_;
  transfer_limits limits_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<source>>> open_;
};

}  // namespace

std::shared_ptr<object_source_port> open_object_source(const std::filesystem::path& state_dir,
                                                       const transfer_limits& limits) {
  return std::make_shared<session_objects>((state_dir / "sessions").string(), limits);
}

}  // namespace ratchet
