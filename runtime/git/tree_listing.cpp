// SPDX-License-Identifier: MIT
#include "runtime/git/tree_listing.hpp"

#include <algorithm>

#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

constexpr std::size_t max_kept_entries = 400'000;

auto find_name(auto& listing, const std::string& name) {
  auto it =
      std::lower_bound(listing.begin(), listing.end(), name,
                       [](const wanted_entry& e, const std::string& n) { return e.name < n; });
  return std::pair{it, it != listing.end() && it->name == name};
}

}  // namespace

tree_reader::tree_reader(git_repository* repository, const std::vector<shared_link>& links,
                         const std::vector<kept_entry>& kept)
    : repository_(repository) {
  for (const auto& entry : kept)
    add(entry.path,
        {"", entry.kind, entry.id, "", entry.mode, entry.mtime_ns, false, entry.over_tracked});
  for (const auto& link : links)
    add(link.path, {"", entry_kind::shared_link, {}, link.target, 0, 0, false, false});
}

void tree_reader::add(std::string path, wanted_entry entry) {
  while (!path.empty()) {
    auto [folder, name] = split_path(path);
    entry.name = name;
    auto& added = added_[folder];
    auto [it, found] = find_name(added, name);
    if (!found)
      added.insert(it, entry);
    else if (entry.kind == entry_kind::folder && it->kind != entry_kind::empty_folder)
      return;  // the folders above are there already
    else
      *it = entry;
    entry = {"", entry_kind::folder, {}, "", 0, 0, false, false};
    path = folder;
  }
}

std::shared_ptr<const tree_listing> tree_reader::plain(const git_oid& id) {
  auto [it, fresh] = known_.try_emplace(id);
  if (!fresh && it->second) return it->second;
  known_.erase(it);

  tree_ptr tree;
  check(git_tree_lookup(out(tree), repository_, &id), "read the tree " + hex(id));
  auto listing = std::make_shared<tree_listing>();
  std::size_t count = git_tree_entrycount(tree.get());
  listing->reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const git_tree_entry* raw = git_tree_entry_byindex(tree.get(), i);
    wanted_entry entry{git_tree_entry_name(raw),
                       entry_kind::file,
                       *git_tree_entry_id(raw),
                       {},
                       0,
                       0,
                       false,
                       false};
    if (!possible_name(entry.name))
      refuse(errc::repository_refused,
             "the tree " + hex(id) + " holds an entry named \"" + entry.name +
                 "\", which no work tree can hold safely; remove it from the repository");
    switch (git_tree_entry_filemode(raw)) {
      case GIT_FILEMODE_TREE:
        entry.kind = entry_kind::folder;
        break;
      case GIT_FILEMODE_COMMIT:
        entry.kind = entry_kind::empty_folder;
        entry.id = {};
        break;
      case GIT_FILEMODE_LINK:
        entry.kind = entry_kind::link;
        break;
      case GIT_FILEMODE_BLOB_EXECUTABLE:
        entry.kind = entry_kind::executable;
        break;
      default:
        break;
    }
    listing->push_back(std::move(entry));
  }
  std::sort(listing->begin(), listing->end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });

  if (entries_ > max_kept_entries) {
    known_.clear();
    entries_ = 0;
  }
  entries_ += listing->size();
  known_[id] = listing;
  return listing;
}

std::shared_ptr<const tree_listing> tree_reader::listing(const git_oid* tree,
                                                         const std::string& path) {
  static const auto nothing = std::make_shared<const tree_listing>();
  auto base = tree && !git_oid_is_zero(tree) ? plain(*tree) : nothing;
  if (added_.empty()) return base;
  auto added = added_.find(path);
  if (added == added_.end()) return base;
  auto merged = std::make_shared<tree_listing>(*base);
  for (const auto& entry : added->second) {
    auto [it, found] = find_name(*merged, entry.name);
    if (!found)
      merged->insert(it, entry)->product = entry.kind != entry_kind::shared_link;
    else if (entry.kind != entry_kind::folder && it->kind != entry_kind::folder &&
             (entry.over_tracked || entry.kind == entry_kind::shared_link ||
              it->kind == entry_kind::empty_folder))
      *it = entry;  // a link in place of a submodule's empty folder, a file that setup changed
    else if (it->kind == entry_kind::empty_folder)
      it->kind = entry_kind::folder;
  }
  return merged;
}

std::string tree_reader::blob(const git_oid& id, const std::string& path) {
  blob_ptr found;
  check(git_blob_lookup(out(found), repository_, &id), "read " + path + " (" + hex(id) + ")");
  return {static_cast<const char*>(git_blob_rawcontent(found.get())),
          static_cast<std::size_t>(git_blob_rawsize(found.get()))};
}

std::int64_t tree_reader::size_of(const git_oid& id) const {
  odb_ptr odb;
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_repository_odb(out(odb), repository_) < 0) return -1;
  if (git_odb_read_header(&size, &type, odb.get(), &id) < 0) return -1;
  return static_cast<std::int64_t>(size);
}

}  // namespace ratchet::git
