// SPDX-License-Identifier: MIT
//
// Edits on their way into the work tree, or taken over from it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/git/ignore_rules.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

applied_edit result_of(git_repository* repository, const git_oid& parent,
                       const candidate& planned) {
  applied_edit edit{
      hex(planned.tree), {}, diff_text(repository, parent, planned.tree, planned.changes)};
  for (const auto& c : planned.changes) edit.files_changed.push_back(c.path);
  return edit;
}

/// Where one change lands.
struct landing {
  descriptor folder;
  std::string name;
  std::string temporary;  ///< empty when the file goes
  const planned_change* change;
};

landing find_landing(int root, const planned_change& change) {
  auto [folder, name] = split_path(change.path);
  descriptor at = open_folder_beneath(root, folder);
  if (!at && errno == ENOENT && change.content) {
    // Gone with the last file in it, when a kept edit deleted that.
    std::string made;
    for (std::string_view rest = folder; !rest.empty();) {
      auto slash = rest.find('/');
      descriptor above = open_folder_beneath(root, made);
      std::string next(rest.substr(0, slash));
      if (!above || (::mkdirat(above.get(), next.c_str(), 0755) < 0 && errno != EEXIST)) break;
      made = joined(made, next);
      rest = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    }
    at = open_folder_beneath(root, folder);
  }
  struct stat now;
  bool present = at && ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0;
  if (!at || (present && !S_ISREG(now.st_mode)))
    refuse(errc::edit_refused,
           "in the work tree " + change.path +
               " is not a regular file or passes through a symbolic link; restore the work tree "
               "first");
  return {std::move(at), name, "", &change};
}

undated_file undated(const landing& at, const cached_file* cached) {
  undated_file file{at.change->path, at.change->blob,
                    static_cast<std::int64_t>(at.change->content->size()), std::nullopt, 0};
  struct stat now;
  if (::fstatat(at.folder.get(), at.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) return file;
  const file_stamp stamp(now);
  // Content that nobody has looked at counts as another.
  file.before =
      dated_blob{cached && cached->stamp == stamp ? cached->id : git_oid{}, stamp.mtime_ns};
  file.size_before = stamp.size;
  return file;
}

/// A target that a program changed, made or removed itself.
void take_change(int root, const difference& d, std::vector<file_change>& changes,
                 std::vector<std::string>& outside) {
  auto [folder, name] = split_path(d.path);
  descriptor at = open_folder_beneath(root, folder);
  struct stat now;
  auto bytes = at ? read_regular(at.get(), name.c_str(), &now) : std::nullopt;
  if (bytes && d.what == found_as::extra && bytes->find('\0') != bytes->npos)
    outside.push_back(d.path + " (new and binary; name it in .gitignore if a build makes it)");
  else if (bytes)
    changes.push_back({d.path, std::move(bytes), (now.st_mode & 0100) != 0});
  else if (d.what == found_as::missing)
    changes.push_back({d.path, std::nullopt, std::nullopt});
  else
    outside.push_back(d.path + " (no longer a regular file)");
}

}  // namespace

const std::vector<std::string>& session_workspace::target_names() {
  const git_oid stands = dates_.tree() ? *dates_.tree() : record_.base_tree;
  if (!target_names_ || !git_oid_equal(&target_names_->first, &stands)) {
    tree_ptr tree = tree_of(private_.get(), stands);
    target_names_.emplace(stands, targets_in(tree.get(), bounds_).files);
  }
  return target_names_->second;
}

std::map<std::string, std::string> session_workspace::targets() {
  descriptor work = work_or_refuse();
  std::map<std::string, std::string> bytes_of;
  const bool only_names = bounds_.targets.only_names();
  for (const auto& target : only_names ? bounds_.targets.given() : target_names())
    if (auto bytes = target_bytes(work.get(), target)) bytes_of[target] = std::move(*bytes);
  return bytes_of;
}

std::optional<std::string> session_workspace::target_bytes(int work, const std::string& target) {
  auto [folder, name] = split_path(target);
  descriptor at = open_folder_beneath(work, folder);
  auto bytes = at ? read_regular(at.get(), name.c_str()) : std::nullopt;
  if (!bytes && errno != ENOENT)
    refuse_errno("read " + target + " in " + work_path(), "restore the work tree first");
  return bytes;
}

bool session_workspace::targets_are(const std::string& tree) {
  descriptor work = work_or_refuse();
  tree_ptr wanted = tree_of(private_.get(), tree_id(tree, "tree"));
  std::set<std::string> names(target_names().begin(), target_names().end());
  if (bounds_.targets.only_names()) {
    const auto& given = bounds_.targets.given();
    names.insert(given.begin(), given.end());
  } else {
    auto found = targets_in(wanted.get(), bounds_).files;
    names.insert(found.begin(), found.end());
  }
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    auto entry = entry_at(wanted.get(), name);
    auto bytes = target_bytes(work.get(), name);
    if (!entry || !bytes) return !entry && !bytes;
    git_oid id;
    check(git_odb_hash(&id, bytes->data(), bytes->size(), GIT_OBJECT_BLOB), "hash " + name);
    return git_oid_equal(&id, git_tree_entry_id(entry.get())) != 0;
  });
}

std::optional<std::string> session_workspace::read_file(const std::string& path,
                                                        std::size_t max_bytes) {
  if (auto fault = path_fault(path); !fault.empty())
    refuse(errc::invalid_argument, "the file \"" + one_line(path) + "\" " + fault +
                                       "; name one inside the work tree, relative to it");
  return read_in_work(path, max_bytes);
}

void session_workspace::remove_untracked(const std::string& path) {
  if (record_.in_place()) return;  // the user's, until a run writes there
  if (auto fault = path_fault(path); !fault.empty())
    refuse(errc::invalid_argument, "the file \"" + one_line(path) + "\" " + fault +
                                       "; name one inside the work tree, relative to it");
  descriptor work = work_or_refuse();
  auto [folder, name] = split_path(path);
  descriptor at = open_folder_beneath(work.get(), folder);
  struct stat now;
  if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG(now.st_mode))
    return;
  const auto& stands = dates_.tree() ? *dates_.tree() : record_.base_tree;
  tree_ptr tree = tree_of(private_.get(), stands);
  if (entry_at(tree.get(), path)) return;
  if (::unlinkat(at.get(), name.c_str(), 0) < 0)
    refuse_errno("remove " + path + ", which an earlier run left");
}

candidate session_workspace::plan(const git_oid& parent, const std::vector<file_change>& changes) {
  auto planned = make_candidate(private_.get(), parent, changes, bounds_);
  check_new_files(planned);
  return planned;
}

void session_workspace::check_new_files(const candidate& planned) {
  std::uint64_t bytes = 0;
  std::vector<const planned_change*> made;
  for (const auto& c : planned.changes) {
    bytes += c.content ? c.content->size() : 0;
    if (c.content && c.created && !bounds_.targets.names(c.path)) made.push_back(&c);
  }
  if (made.empty()) return;
  if (target_names().size() + made.size() > most_target_files)
    refuse(errc::edit_refused, "with the edit there would be more than " +
                                   std::to_string(most_target_files) +
                                   " targets; make fewer new files");
  if (bytes > most_target_bytes)
    refuse(errc::edit_refused, "the edit writes " + std::to_string(bytes >> 20) + " MiB; at most " +
                                   std::to_string(most_target_bytes >> 20) +
                                   " MiB may come with new files");
  ignore_rules rules(session_path_ + "/git", work_path());
  descriptor work = work_or_refuse();
  for (const auto* c : made) {
    auto refused = [&](const std::string& why) {
      refuse(errc::edit_refused, "the edit makes " + c->path + ", which " + why);
    };
    if (rules.ignores(c->path)) refused("git ignores (.gitignore); choose another name");
    if (!rules.filter_of(c->path).empty())
      refused("would go through the git filter \"" + one_line(rules.filter_of(c->path)) +
              "\"; choose another name");
    if (std::any_of(kept_.begin(), kept_.end(), [&](const auto& k) { return k.path == c->path; }))
      refused("setup_command or the build makes as well; choose another name");
    auto [folder, name] = split_path(c->path);
    descriptor at = record_.in_place() ? open_folder_beneath(work.get(), folder) : descriptor{};
    if (at && ::faccessat(at.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
      refused("is there already, and not tracked; commit it first, or choose another name");
  }
}

std::string session_workspace::tree_with(const std::string& parent,
                                         const std::vector<file_change>& changes) {
  return hex(plan(parse_id(parent, "parent"), changes).tree);
}

applied_edit session_workspace::apply(const std::string& parent,
                                      const std::vector<file_change>& changes) {
  git_oid parent_id = parse_id(parent, "parent");
  overlay_.drop();
  work_or_refuse();  // before anything is written
  candidate planned = plan(parent_id, changes);
  candidates_->write(planned.objects);
  // The text first: once files change, only their own failure may put them back.
  applied_edit edit = result_of(private_.get(), parent_id, planned);
  write_changes(tree_id(parent, "parent"), planned);
  return edit;
}

applied_edit session_workspace::draft(const std::string& parent,
                                      const std::vector<file_change>& changes) {
  git_oid parent_id = parse_id(parent, "parent");
  candidate planned = plan(parent_id, changes);
  candidates_->write(planned.objects);
  return result_of(private_.get(), parent_id, planned);
}

void session_workspace::write_changes(const git_oid& parent_tree, const candidate& planned) {
  descriptor work = work_or_refuse();
  std::vector<landing> landings;
  std::vector<const landing*> done;
  cache_unsaved_ = true;
  const auto before = known_.now();
  forget_content();
  forget_built();
  try {
    for (const auto& change : planned.changes) {
      landing at = find_landing(work.get(), change);
      if (change.content)
        at.temporary = stage_regular(at.folder.get(), *change.content,
                                     change.executable ? 0755 : 0644, change.path)
                           .temporary;
      landings.push_back(std::move(at));
    }
    std::vector<undated_file> files;
    std::vector<const landing*> written;
    for (const auto& at : landings) {
      if (at.temporary.empty()) continue;
      written.push_back(&at);
      files.push_back(undated(at, cached_at(at.change->path)));
    }
    auto times = choose_dates(files);
    for (std::size_t i = 0; i < written.size(); ++i)
      set_mtime(written[i]->folder.get(), written[i]->temporary.c_str(), times[i],
                written[i]->change->path);
    for (auto& at : landings) {
      done.push_back(&at);
      if (at.temporary.empty()) {
        remove_entry(at.folder.get(), at.name.c_str(), at.change->path);
      } else if (::renameat(at.folder.get(), at.temporary.c_str(), at.folder.get(),
                            at.name.c_str()) < 0) {
        refuse_errno("put " + at.change->path + " in place", "the edit was not applied");
      } else {
        at.temporary.clear();
      }
    }
  } catch (...) {
    for (const auto& at : landings)
      if (!at.temporary.empty()) ::unlinkat(at.folder.get(), at.temporary.c_str(), 0);
    tree_sync put_back(*reader_, *cache_, options(true));
    for (const auto* at : done) put_back.run_at(work.get(), parent_tree, at->change->path);
    date_files(work.get(), put_back);
    throw;
  }
  dates_.now_at(planned.tree);
  save_dates();
  // Folders that a deletion emptied are in no tree.
  for (const auto& change : planned.changes) {
    if (change.content) continue;
    for (std::string folder = split_path(change.path).first; !folder.empty();
         folder = split_path(folder).first) {
      auto [above, name] = split_path(folder);
      descriptor dir = open_folder_beneath(work.get(), above);
      if (!dir || ::unlinkat(dir.get(), name.c_str(), AT_REMOVEDIR) < 0) break;
    }
  }
  known_.edited(before, parent_tree, planned.tree);
}

std::vector<file_change> session_workspace::adopted_changes(int root, const git_oid& parent_tree) {
  sync_options look = options(false);
  look.enter_extra = true;
  look.loose_modes = true;
  auto found = tree_sync(*reader_, *cache_, look).run(root, parent_tree);

  std::vector<file_change> changes;
  std::vector<std::string> outside;
  std::vector<const difference*> extras;
  for (const auto& d : found) {
    if (is_within(d.path, ".git")) continue;  // the run's view of git, which restoring mends
    const bool made = d.what == found_as::extra && !bounds_.targets.names(d.path);
    if (bounds_.allow(d.path) && !d.folder && !made) {
      take_change(root, d, changes, outside);
    } else if (d.what == found_as::extra) {
      extras.push_back(&d);
    } else if (!(d.folder && d.what == found_as::missing)) {  // its files are listed as well
      outside.push_back(d.path);
    }
  }
  // Ignore rules count only as the parent commit has them, so whatever changed them counts itself.
  if (outside.empty() && !extras.empty()) {
    ignore_rules rules(session_path_ + "/git", work_path());
    std::string ignored_folder;
    for (const auto* d : extras) {
      if (!ignored_folder.empty() && is_within(d->path, ignored_folder)) continue;
      bool rule_file = split_path(d->path).second == ".gitignore";
      if (!rule_file && rules.ignores(d->folder ? d->path + "/" : d->path)) {
        if (d->folder) ignored_folder = d->path;
      } else if (bounds_.allow(d->path) && !d->folder) {
        take_change(root, *d, changes, outside);
      } else if (!d->folder || d->repository) {
        outside.push_back(d->path);
      }
    }
  }
  if (!outside.empty())
    refuse(errc::edit_refused, "the edit changed what is not a target: " + listed(outside) +
                                   "; edit only the targets: " + listed(bounds_.targets.given()));
  return changes;
}

applied_edit session_workspace::adopt(const std::string& parent) {
  git_oid parent_id = parse_id(parent, "parent");
  git_oid parent_tree = tree_id(parent, "parent");
  overlay_.drop();
  forget_content();
  forget_built();
  try {
    descriptor work = open_work();
    if (!work)
      refuse(errc::edit_refused,
             "the edit removed or replaced the work tree itself; edit only the "
             "targets: " +
                 listed(bounds_.targets.given()));
    auto changes = adopted_changes(work.get(), parent_tree);
    if (changes.empty())
      refuse(errc::edit_refused, "the edit changed no byte of " + listed(bounds_.targets.given()) +
                                     "; propose one that does");
    candidate planned = plan(parent_id, changes);
    candidates_->write(planned.objects);
    restore_tree(planned.tree);  // leftovers and odd modes go
    return result_of(private_.get(), parent_id, planned);
  } catch (...) {
    restore_tree(parent_tree);
    throw;
  }
}

}  // namespace ratchet::git
