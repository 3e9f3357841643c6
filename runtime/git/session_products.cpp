// SPDX-License-Identifier: MIT
//
// What builds leave in the work tree, and the snapshot of it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "runtime/git/build_traces.hpp"
#include "runtime/git/ignore_rules.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"
#include "runtime/git/tree_change.hpp"
#include "runtime/git/vouching.hpp"

namespace ratchet::git {

namespace {

/// Beyond, a look at everything is not much slower.
constexpr std::size_t most_put_right_singly = 1000;

/// A path that differs and is not tracked.
struct found_product {
  const difference* what = nullptr;
  struct stat status {};
  bool there = false;
  bool as_built = false;  ///< it is as mark_built() saw it
  trace kind = trace::none;

  bool regular() const { return there && S_ISREG(status.st_mode); }
  std::int64_t mtime_ns() const { return file_stamp(status).mtime_ns; }
};

found_product look_at(int root, const difference& d, cached_folder* built) {
  found_product found;
  found.what = &d;
  auto [folder, name] = split_path(d.path);
  descriptor at = open_folder_beneath(root, folder);
  found.there = at && ::fstatat(at.get(), name.c_str(), &found.status, AT_SYMLINK_NOFOLLOW) == 0;
  if (built && d.folder) {
    found.as_built = built->find_beneath(d.path) != nullptr;
  } else if (built) {
    const auto* noted = built->find_file_beneath(d.path);
    found.as_built =
        noted && noted->stamp == (found.there ? file_stamp(found.status) : file_stamp());
  }
  if (found.regular() && !found.as_built)
    found.kind = trace_of(d.path, read_head(at.get(), name.c_str(), trace_head));
  return found;
}

/// Which folders were built in, and until when.
class build_folders {
 public:
  build_folders(const std::vector<found_product>& found, ignore_rules* rules) : rules_(rules) {
    for (const auto& f : found) {
      if (f.kind == trace::none) continue;
      any_ = any_ || f.kind != trace::dependency;
      until_ns_ = std::max(until_ns_, f.mtime_ns());
      std::string folder = split_path(f.what->path).first;
      if (auto ignored = outermost_ignored(folder))
        folders_.insert(*ignored);
      else if (f.kind == trace::log)
        folders_.insert(folder);
    }
  }
  bool any() const { return any_; }
  /// Nothing in them but what was written by then is the build's.
  bool in_time(const found_product& f) const { return f.there && f.mtime_ns() <= until_ns_; }
  bool holds(const std::string& path) const {
    if (folders_.contains("")) return true;
    for (std::string at = path; !at.empty(); at = split_path(at).first)
      if (folders_.contains(at)) return true;
    return false;
  }

 private:
  std::optional<std::string> outermost_ignored(const std::string& folder) {
    if (folder.empty() || !rules_) return std::nullopt;
    if (auto known = ignored_.find(folder); known != ignored_.end()) return known->second;
    auto found = outermost_ignored(split_path(folder).first);
    if (!found && rules_->ignores(folder + "/")) found = folder;
    ignored_[folder] = found;
    return found;
  }

  ignore_rules* rules_;
  bool any_ = false;
  std::int64_t until_ns_ = 0;
  std::set<std::string> folders_;
  std::map<std::string, std::optional<std::string>> ignored_;
};

}  // namespace

// -- the snapshot ---------------------------------------------------------------------------------

std::optional<kept_entry> session_workspace::stored_product(int root, const difference& d) {
  auto [folder, name] = split_path(d.path);
  descriptor at = open_folder_beneath(root, folder);
  struct stat now;
  const std::int64_t moment = coarse_now_ns();
  if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) return std::nullopt;
  kept_entry kept{d.path, entry_kind::empty_folder, {}, 0, 0, !d.product};
  if (S_ISDIR(now.st_mode))
    return d.what == found_as::extra ? std::optional(std::move(kept)) : std::nullopt;
  std::optional<std::string> bytes;
  if (S_ISLNK(now.st_mode)) {
    kept.kind = entry_kind::link;
    if (!(bytes = read_link(at.get(), name.c_str()))) return std::nullopt;
  } else if (S_ISREG(now.st_mode)) {
    bytes = read_regular(at.get(), name.c_str(), &now);
    if (!bytes) refuse_errno("read " + d.path + ", which is to be kept");
    kept.kind = (now.st_mode & 0100) ? entry_kind::executable : entry_kind::file;
    // Of what setup changed in a tracked file the mode is git's.
    if (d.product) kept.mode = (now.st_mode & 0777) | 0400;
    auto found = trace_of(d.path, std::string_view(*bytes).substr(0, trace_head));
    if (shows_building(d.path, found)) dates_.builds_here();
  } else {
    return std::nullopt;
  }
  if (kept.kind != entry_kind::link) kept.mtime_ns = file_stamp(now).mtime_ns;
  const auto* before = cached_at(d.path);
  git_oid same{};
  check(git_odb_hash(&same, bytes->data(), bytes->size(), GIT_OBJECT_BLOB), "hash " + d.path);
  if (before && git_oid_equal(&before->id, &same))
    kept.id = same;  // stored when it was noted
  else
    check(git_blob_create_from_buffer(&kept.id, private_.get(), bytes->data(), bytes->size()),
          "keep " + d.path);
  cache_->folder_beneath(folder).put({name, file_stamp(now), moment, kept.id, true});
  return kept;
}

bool session_workspace::other_content(int root, const std::string& path) {
  auto [folder, name] = split_path(path);
  descriptor at = open_folder_beneath(root, folder);
  auto bytes = at ? read_regular(at.get(), name.c_str()) : std::nullopt;
  const auto* known = cached_at(path);
  if (!bytes || !known) return true;
  git_oid id{};
  check(git_odb_hash(&id, bytes->data(), bytes->size(), GIT_OBJECT_BLOB), "hash " + path);
  return git_oid_equal(&id, &known->id) == 0;
}

void session_workspace::collect_dates(const git_oid* tree, const std::string& path,
                                      cached_folder& cache, snapshot_dates& into) {
  auto listing = reader_->listing(tree, path);
  for (const auto& entry : *listing) {
    if (entry.product) continue;
    if (entry.kind == entry_kind::folder) {
      auto below = cache.folders.find(entry.name);
      if (below != cache.folders.end())
        collect_dates(&entry.id, joined(path, entry.name), *below->second, into);
    } else if (entry.kind == entry_kind::file || entry.kind == entry_kind::executable) {
      const auto* cached = cache.find(entry.name);
      if (cached && git_oid_equal(&cached->id, &entry.id))
        into[joined(path, entry.name)] = {entry.id, cached->stamp.mtime_ns};
    }
  }
}

void session_workspace::take_snapshot(snapshot_record snapshot) {
  dates_.snapshot(std::move(snapshot.tracked), latest_of(snapshot.products));
  kept_ = std::move(snapshot.products);
}

void session_workspace::record_snapshot(const git_oid& tree) {
  snapshot_record snapshot{kept_, {}};
  if (!kept_.empty()) collect_dates(&tree, "", *cache_, snapshot.tracked);
  replace_file(folder_.get(), "setup", encode_setup(snapshot), false);
  ::fstatat(folder_.get(), "setup", &setup_status_, 0);
  take_snapshot(std::move(snapshot));
  save_dates(true);
}

// -- builds ---------------------------------------------------------------------------------------

void session_workspace::begin_build() {
  overlay_.drop();
  forget_content();
  if (eyes_) eyes_->expect_others();
  forget_built();
}

void session_workspace::forget_built() {
  known_.note_build(false);
  ::unlinkat(folder_.get(), "built", 0);
}

std::unique_ptr<cached_folder> session_workspace::built_from(const git_oid& tree) {
  auto bytes = read_regular(folder_.get(), "built");
  if (!bytes || !bytes->starts_with(hex(tree))) return nullptr;
  return load_cache(std::string_view(*bytes).substr(GIT_OID_HEXSZ));
}

bool session_workspace::sources_moved() {
  if (!kept_for_ || !dates_.tree()) return false;
  odb_ptr odb;
  check(git_repository_odb(out(odb), private_.get()), "open the objects of " + session_path_);
  bool moved = false;
  walk_difference(odb.get(), *kept_for_, *dates_.tree(),
                  [&](const std::string& path, const tree_entry* was, const tree_entry* now) {
                    moved = moved || (was && now && is_compiled_source(path));
                    return false;
                  });
  return moved;
}

void session_workspace::make_new(int folder, const git_oid* tree, const std::string& path) {
  const auto listing = reader_->listing(tree, path);
  for (const auto& entry : *listing) {
    if (entry.product) continue;
    const std::string below = joined(path, entry.name);
    if (entry.kind == entry_kind::folder) {
      if (descriptor inside = open_folder(folder, entry.name.c_str()))
        make_new(inside.get(), &entry.id, below);
    } else if (entry.kind == entry_kind::file || entry.kind == entry_kind::executable) {
      set_mtime(folder, entry.name.c_str(), fine_now_ns(), below);
    }
  }
}

void session_workspace::make_all_new() {
  if (record_.in_place() || !dates_.tree()) return;
  forget_content();
  descriptor work = work_or_refuse();
  const git_oid tree = *dates_.tree();
  make_new(work.get(), &tree, "");
}

bool session_workspace::mark_built() {
  if (record_.in_place() || !dates_.tree()) return true;
  overlay_.drop();
  forget_content();
  descriptor work = work_or_refuse();
  sync_options look = options(false);
  look.enter_extra = look.enter_repositories = true;
  look.stamps_only = look.products_only = true;
  auto found = tree_sync(*reader_, *cache_, look).run(work.get(), *dates_.tree());
  cached_folder built;
  for (const auto& d : found) {
    auto seen = look_at(work.get(), d, nullptr);
    if (shows_building(d.path, seen.kind)) dates_.builds_here();
    if (d.folder) {
      if (seen.there) built.folder_beneath(d.path);
      continue;
    }
    auto [folder, name] = split_path(d.path);
    built.folder_beneath(folder).put(
        {name, seen.there ? file_stamp(seen.status) : file_stamp(), 0, {}, false});
  }
  replace_file(folder_.get(), "built", hex(*dates_.tree()) + save_cache(built), false);
  save_dates(true);
  known_.note_build(true);
  return !found.empty() || kept_.empty() || !sources_moved();
}

bool session_workspace::run_built() {
  if (record_.in_place() || !dates_.tree() || kept_.empty() || !sources_moved()) return true;
  descriptor work = work_or_refuse();
  sync_options look = options(false);
  look.enter_extra = look.enter_repositories = true;
  look.stamps_only = look.products_only = true;
  const auto found = tree_sync(*reader_, *cache_, look).run(work.get(), *dates_.tree());
  return std::any_of(found.begin(), found.end(), [&](const difference& d) {
    return d.what != found_as::extra ||
           shows_building(d.path, look_at(work.get(), d, nullptr).kind);
  });
}

build_state session_workspace::build_state_of(const std::string& code) {
  const git_oid tree = code.empty() ? git_oid{} : tree_id(code, "code");
  auto is_code = [&](const std::optional<git_oid>& other) {
    return other && git_oid_equal(&*other, &tree) != 0;
  };
  build_state state;
  state.set_up = ::faccessat(folder_.get(), "setup", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  state.has_products = !kept_.empty();
  state.kept_once = kept_for_.has_value();
  state.current = !code.empty() && is_code(kept_for_);
  state.stands = !code.empty() && is_code(dates_.tree());
  return state;
}

void session_workspace::keep_products() {
  if (record_.in_place() || !dates_.tree()) return;
  const git_oid tree = *dates_.tree();
  if (!kept_for_ || git_oid_equal(&*kept_for_, &tree) == 0) {
    replace_file(folder_.get(), "kept_for", hex(tree), false);
    kept_for_ = tree;
  }
  overlay_.drop();
  forget_content();
  descriptor work = work_or_refuse();
  cache_unsaved_ = true;
  const auto begun = tree_knowledge::clock::now();
  sync_options look = options(false);
  look.enter_extra = look.enter_repositories = true;
  look.stamps_only = look.tell_retimed = look.skip_vouched = true;
  files_seen_ = vouch_for_folders(work.get(), *cache_);
  const auto differences = tree_sync(*reader_, *cache_, look).run(work.get(), tree);
  known_.looked(begun, tree_knowledge::clock::now());

  auto built = built_from(tree);
  std::vector<found_product> found;
  bool planted_rules = false;
  // Of other code than the tree's, what was built since is not the tree's either.
  bool other_code = false;
  for (const auto& d : differences) {
    if (!d.product) {
      other_code = other_code || (d.what != found_as::retimed && other_content(work.get(), d.path));
      continue;
    }
    found.push_back(look_at(work.get(), d, built.get()));
    if (split_path(d.path).second == ".gitignore" && !found.back().regular()) planted_rules = true;
  }
  // A rule file that is no regular file could hold git up.
  std::optional<ignore_rules> rules;
  if (!found.empty() && !planted_rules) rules.emplace(session_path_ + "/git", work_path());
  build_folders folders(found, rules ? &*rules : nullptr);

  const auto before = kept_;
  product_list products(kept_);
  for (const auto& f : found) {
    const auto* old = products.find(f.what->path);
    if (!f.there) {
      bool compiled =
          old && old->kind != entry_kind::empty_folder &&
          trace_of(old->path, reader_->blob(old->id, old->path).substr(0, trace_head)) !=
              trace::none;
      if (f.as_built || (compiled && !other_code)) products.drop(f.what->path);
      continue;
    }
    if (is_within(f.what->path, ".git")) continue;
    if (other_code && !f.as_built) continue;
    bool build =
        f.as_built || (f.kind == trace::dependency ? folders.any() : f.kind != trace::none) ||
        (folders.any() && folders.holds(f.what->path) && (folders.in_time(f) || f.what->folder));
    // Written again with the same bytes by a rule that only leaves a mark.
    bool mark = !build && old && f.regular() && folders.any() && folders.in_time(f);
    if (!build && !mark) continue;
    const auto old_id = old ? old->id : git_oid{};
    auto kept = stored_product(work.get(), *f.what);
    if (kept && (build || git_oid_equal(&kept->id, &old_id))) products.put(std::move(*kept));
  }
  kept_ = products.take();
  const bool changed = kept_ != before;
  if (changed) make_reader();

  // What is no product and not the tree's goes now, so that the next restore finds all in place.
  tree_sync rest(*reader_, *cache_, options(true));
  std::string last;
  std::size_t put_right = 0;
  for (const auto& d : differences) {
    if (!last.empty() && is_within(d.path, last)) continue;
    last = d.path;
    if (++put_right > most_put_right_singly) break;
    rest.run_at(work.get(), tree, d.path);
  }
  date_files(work.get(), rest);
  if (changed) record_snapshot(tree);
  forget_built();
  if (put_right > most_put_right_singly) return;
  known_.stands_at(tree, tree_knowledge::trust::one_restore);
}

void session_workspace::tidy(const std::string& tree) {
  git_oid wanted = tree_id(tree, "tree");
  const bool untouched = overlay_.shows();
  overlay_.drop();
  if (untouched && (known_.now().tree || known_.now().built)) return;
  forget_content();
  descriptor work = work_or_refuse();
  cache_unsaved_ = true;
  sync_options own = options(true);
  own.tracked_only = true;
  try {
    if (!record_.in_place()) {
      vouch_for_folders(work.get(), *cache_);
      own.skip_vouched = true;
    }
    tree_sync sync(*reader_, *cache_, own);
    sync.run(work.get(), wanted);
    date_files(work.get(), sync);
  } catch (const refusal&) {
    if (record_.in_place()) throw;
    restore_tree(wanted);
  }
}

}  // namespace ratchet::git
