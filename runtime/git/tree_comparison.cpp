// SPDX-License-Identifier: MIT
//
// compare_trees(): the sender's half of git/tree_change.hpp.
#include <algorithm>
#include <unordered_set>

#include "actors/logic/text.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

namespace {

class difference_walk {
 public:
  difference_walk(git_odb* odb, const difference_visitor& visit) : odb_(odb), visit_(visit) {}

  void folder(const git_oid& before, const git_oid& after, const std::string& path, int depth) {
    if (depth > max_tree_depth)
      refuse(errc::repository_refused, "the folder " + one_line(path).substr(0, 200) +
                                           " is nested too deeply to be restored; flatten it");
    odb_object_ptr old_tree;
    std::vector<tree_entry> old_entries;
    if (!git_oid_is_zero(&before)) {
      old_tree = read_object(odb_, before, GIT_OBJECT_TREE);
      old_entries = parse_tree(bytes_of(old_tree), "the tree " + hex(before));
    }
    auto new_tree = read_object(odb_, after, GIT_OBJECT_TREE);
    auto new_entries = parse_tree(bytes_of(new_tree), "the tree " + hex(after));
    std::vector<const tree_entry*> gone;
    std::unordered_set<std::string_view> come;
    auto was = old_entries.begin();
    for (const auto& now : new_entries) {
      for (; was != old_entries.end() && compare_entries(*was, now) < 0; ++was)
        gone.push_back(&*was);
      bool both = was != old_entries.end() && compare_entries(*was, now) == 0;
      if (!both) come.insert(now.name);
      if (!both || was->whole != now.whole)
        entry(both ? &*was : nullptr, now, joined(path, now.name), depth);
      if (both) ++was;
    }
    for (; was != old_entries.end(); ++was) gone.push_back(&*was);
    for (const auto* entry : gone)  // one that became a folder, or a file, is there still
      if (!come.count(entry->name)) visit_(joined(path, entry->name), entry, nullptr);
  }

 private:
  void entry(const tree_entry* was, const tree_entry& now, const std::string& path, int depth) {
    bool same_kind = now.folder() && was && !now.empty_folder();
    if (same_kind || (visit_(path, was, &now) && now.folder()))
      folder(same_kind ? was->oid() : git_oid{}, now.oid(), path, depth + 1);
  }

  git_odb* odb_;
  const difference_visitor& visit_;
};

class comparison {
 public:
  comparison(git_odb* odb, const change_limits& limits) : odb_(odb), limits_(limits) {}

  /// Whether to look into what came.
  bool add(const std::string& path, const tree_entry* was, const tree_entry* now) {
    if (now && now->folder() && !now->empty_folder()) return true;
    if (auto fault = path_fault(path); !fault.empty())
      refuse(errc::repository_refused, "the path \"" + one_line(path) + "\" " + fault +
                                           ", so no work tree can hold it; remove it");
    if (paths_.size() >= limits_.paths) refuse_large_change("more paths", limits_.paths);
    paths_.push_back({path, now ? now->mode : 0, {}, {}, {}, 0, 0});
    if (!now) return false;
    auto& changed = paths_.back();
    changed.how = changed_path::content::id;
    changed.id = now->oid();
    bool was_file = was && !was->submodule();
    if (now->folder() || now->submodule() || (was_file && was->id == now->id)) return false;
    content(changed, was_file ? was->oid() : git_oid{});
    return false;
  }

  std::vector<changed_path> take() {
    std::sort(paths_.begin(), paths_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(paths_);
  }

 private:
  void content(changed_path& changed, const git_oid& before) {
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    check(git_odb_read_header(&size, &type, odb_, &changed.id), "read " + one_line(changed.path));
    bytes_ += size;
    if (bytes_ > limits_.bytes) refuse_large_change("more bytes", limits_.bytes);
    auto blob = read_object(odb_, changed.id, GIT_OBJECT_BLOB);
    auto now = bytes_of(blob);
    changed.how = changed_path::content::whole;
    if (!git_oid_is_zero(&before) && git_odb_read_header(&size, &type, odb_, &before) == 0 &&
        size <= limits_.bytes) {
      auto old_blob = read_object(odb_, before, GIT_OBJECT_BLOB);
      auto old = bytes_of(old_blob);
      auto [a, b] = std::mismatch(now.begin(), now.end(), old.begin(), old.end());
      changed.prefix = static_cast<std::uint64_t>(a - now.begin());
      auto tail = std::mismatch(now.rbegin(), std::make_reverse_iterator(a), old.rbegin(),
                                std::make_reverse_iterator(b));
      changed.suffix = static_cast<std::uint64_t>(tail.first - now.rbegin());
      if (changed.prefix + changed.suffix > 0) {
        changed.how = changed_path::content::spliced;
        now.remove_prefix(changed.prefix);
        now.remove_suffix(changed.suffix);
      }
    }
    changed.bytes = now;
  }

  git_odb* odb_;
  const change_limits& limits_;
  std::uint64_t bytes_ = 0;
  std::vector<changed_path> paths_;
};

}  // namespace

void walk_difference(git_odb* odb, const git_oid& before, const git_oid& after,
                     const difference_visitor& visit) {
  if (!git_oid_equal(&before, &after)) difference_walk(odb, visit).folder(before, after, "", 0);
}

tree_change compare_trees(git_odb* odb, const git_oid& base, const git_oid& wanted,
                          const change_limits& limits) {
  tree_change change;
  change.base_tree = resolve(odb, base).tree;
  change.wanted = wanted;
  auto end = resolve(odb, wanted);
  if (end.commit) change.commit = bytes_of(read_object(odb, wanted, GIT_OBJECT_COMMIT));
  comparison both(odb, limits);
  walk_difference(odb, change.base_tree, end.tree,
                  [&](const std::string& path, const tree_entry* was, const tree_entry* now) {
                    return both.add(path, was, now);
                  });
  change.paths = both.take();
  return change;
}

}  // namespace ratchet::git
