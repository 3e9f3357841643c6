// SPDX-License-Identifier: MIT
//
// Trees made of others: change_tree() and objects_of(), the receiver's half of git/tree_change.hpp.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "actors/logic/text.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

new_object hashed(git_object_t type, std::string bytes) {
  new_object object{type, std::move(bytes), {}};
  check(git_odb_hash(&object.id, object.bytes.data(), object.bytes.size(), type), "hash an object");
  return object;
}

namespace {

[[noreturn]] void refuse_unfitting(const std::string& how) {
  refuse(errc::workspace_failed,
         "the candidate that arrived does not fit its base: " + how + "; send it again");
}

/// The changed paths as folders.
struct changed_folder {
  std::map<std::string, changed_folder, std::less<>> below;
  const changed_path* here = nullptr;
};

changed_folder as_folders(const std::vector<changed_path>& paths, std::uint64_t most) {
  changed_folder root;
  std::uint64_t names = 0;
  for (const auto& p : paths) {
    changed_folder* at = &root;
    int depth = 0;
    for (std::string_view rest = p.path; !rest.empty();) {
      if (at->here || ++depth > max_tree_depth) refuse_unfitting(one_line(p.path));
      auto slash = rest.find('/');
      auto [below, fresh] = at->below.try_emplace(std::string(rest.substr(0, slash)));
      if (fresh && ++names > most) refuse_large_change("more paths", most);
      at = &below->second;
      rest = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    }
    if (at->here || !at->below.empty()) refuse_unfitting(one_line(p.path) + " is named twice");
    at->here = &p;
  }
  return root;
}

class rebuild {
 public:
  rebuild(git_odb* odb, const change_limits& limits) : odb_(odb), limits_(limits) {}

  /// The id of the changed folder; zero when nothing is left in it. `before` zero: it is new.
  git_oid folder(const git_oid& before, const changed_folder& changed, bool is_root) {
    odb_object_ptr old_tree;
    std::vector<tree_entry> entries;
    if (!git_oid_is_zero(&before)) {
      old_tree = read_object(odb_, before, GIT_OBJECT_TREE);
      entries = parse_tree(bytes_of(old_tree), "the tree " + hex(before));
    }
    std::vector<std::string> made;  // what the new entries look into
    std::vector<tree_entry> added;
    made.reserve(changed.below.size());
    std::unordered_map<std::string_view, const tree_entry*> changing;
    for (const auto& e : entries)
      if (changed.below.find(e.name) != changed.below.end()) changing[e.name] = &e;
    for (const auto& [name, change] : changed.below) {
      auto was = changing.find(name);
      const tree_entry* old = was == changing.end() ? nullptr : was->second;
      unsigned mode = change.here ? change.here->mode : mode_folder;
      git_oid id{};
      if (!change.here)
        id = folder(old && old->folder() ? old->oid() : git_oid{}, change, false);
      else if (mode != 0)
        id = entry(*change.here, old);
      else if (!old)
        refuse_unfitting(one_line(change.here->path) + " is not there to be removed");
      if (mode == 0 || git_oid_is_zero(&id)) continue;
      made.push_back(encode_entry(mode, name, id));
      added.push_back(parse_tree(made.back(), "a folder").front());
    }
    std::erase_if(entries, [&](const auto& e) { return changing.count(e.name) != 0; });
    std::sort(added.begin(), added.end(),
              [](const auto& a, const auto& b) { return compare_entries(a, b) < 0; });
    std::vector<tree_entry> all;
    all.reserve(entries.size() + added.size());
    std::merge(entries.begin(), entries.end(), added.begin(), added.end(), std::back_inserter(all),
               [](const auto& a, const auto& b) { return compare_entries(a, b) < 0; });
    if (all.empty() && !is_root) return {};
    std::string bytes;
    for (const auto& e : all) bytes.append(e.whole);
    return add(GIT_OBJECT_TREE, std::move(bytes));
  }

  git_oid add(git_object_t type, std::string bytes) {
    objects_.push_back(hashed(type, std::move(bytes)));
    return objects_.back().id;
  }

  std::vector<new_object> take() { return std::move(objects_); }

 private:
  git_oid entry(const changed_path& p, const tree_entry* old) {
    unsigned kind = p.mode & mode_kind;
    bool old_file = old && !old->folder() && !old->submodule();
    if (p.how == changed_path::content::id) {
      if (kind == mode_submodule) return p.id;
      if (kind == mode_folder) {
        git_oid empty = add(GIT_OBJECT_TREE, "");
        if (!git_oid_equal(&empty, &p.id)) refuse_unfitting(one_line(p.path));
        return empty;
      }
      git_oid same = old_file ? old->oid() : git_oid{};
      if (!git_oid_equal(&same, &p.id)) refuse_unfitting(one_line(p.path));
      return same;
    }
    // A regular file or a link: S_IFREG and S_IFLNK.
    if (kind != 0100000 && kind != 0120000) refuse_unfitting(one_line(p.path));
    if (p.how == changed_path::content::whole) {
      count(p.bytes.size());
      return add(GIT_OBJECT_BLOB, p.bytes);
    }
    if (!old_file) refuse_unfitting(one_line(p.path));
    auto blob = read_object(odb_, old->oid(), GIT_OBJECT_BLOB);
    auto before = bytes_of(blob);
    if (p.prefix > before.size() || p.suffix > before.size() - p.prefix)
      refuse_unfitting(one_line(p.path));
    count(p.prefix + p.bytes.size() + p.suffix);
    std::string bytes(before.substr(0, p.prefix));
    bytes += p.bytes;
    bytes += before.substr(before.size() - p.suffix);
    return add(GIT_OBJECT_BLOB, std::move(bytes));
  }

  void count(std::uint64_t bytes) {
    bytes_ += bytes;
    if (bytes_ > limits_.bytes) refuse_large_change("more bytes", limits_.bytes);
  }

  git_odb* odb_;
  const change_limits& limits_;
  std::uint64_t bytes_ = 0;
  std::vector<new_object> objects_;
};

}  // namespace

changed_tree change_tree(git_odb* odb, const git_oid& base_tree,
                         const std::vector<changed_path>& paths, const change_limits& limits) {
  rebuild made(odb, limits);
  git_oid id = base_tree;
  if (paths.empty())
    read_object(odb, id, GIT_OBJECT_TREE);
  else
    id = made.folder(base_tree, as_folders(paths, limits.paths), true);
  return {id, made.take()};
}

std::vector<new_object> objects_of(git_odb* odb, const tree_change& change,
                                   const change_limits& limits) {
  auto made = change_tree(odb, change.base_tree, change.paths, limits);
  git_oid result = made.id;
  if (!change.commit.empty()) {
    git_oid named = tree_named_by(change.commit, "the commit that arrived");
    if (!git_oid_equal(&named, &made.id)) refuse_unfitting("its commit is of another tree");
    made.objects.push_back(hashed(GIT_OBJECT_COMMIT, change.commit));
    result = made.objects.back().id;
  }
  if (!git_oid_equal(&result, &change.wanted))
    refuse_unfitting("it gives " + hex(result) + " instead of " + hex(change.wanted));
  return std::move(made.objects);
}

}  // namespace ratchet::git
