// SPDX-License-Identifier: MIT
//
// Work trees in memory: a tree is a set of files, its id says what it holds.
#pragma once

#include <algorithm>

#include "actors/logic/target_set.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/text_hunks.hpp"

namespace ratchet::testing {

/// Follows the rules of workspace_port for targets, protected paths, unchanged edits and
/// compare-and-swap; knows nothing of symlinks, modes or the user's repository.
class fake_workspaces : public workspace_port, public fault_plan {
 public:
  using files = std::map<std::string, std::string>;
  struct work_tree {
    session_settings settings;
    workspace_info info;
    files now;         ///< what the work tree holds; a test may scribble on it
    std::string head;  ///< the commit that the branch is at
  };

  files repository{{"train.py", "rate = 1\n"}};  ///< what HEAD of every repository holds
  std::map<std::string, work_tree> trees;        ///< by session id, or "<id>@<lane>"
  std::map<std::string, files> objects;          ///< tree and commit ids
  std::vector<std::string> changed;              ///< answered by changed_protected()
  std::string overlay;                           ///< answered by begin_run()
  bool products = false;                         ///< whether builds leave any
  std::vector<std::string> half_made;            ///< folders without a whole workspace

  /// The id that a tree with these files has: 40 hexadecimal digits.
  static std::string id_of(const files& content, const std::string& salt = "") {
    std::size_t h = std::hash<std::string>{}(salt);
    for (const auto& [path, bytes] : content)
      h = h * 1'000'003 + std::hash<std::string>{}(path + '\0' + bytes);
    static constexpr char digits[] = "0123456789abcdef";
    std::string id;
    for (int i = 0; i < 40; ++i) id += digits[(h >> ((i * 4) % 64)) & 15U];
    return id;
  }

  expected<> inspect(const session_settings& settings) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("inspect")) return *f;
    for (const auto& target : settings.target_files)
      if (repository.count(target) == 0)
        return fail(errc::invalid_argument, "target_file: " + target + " is not a tracked file",
                    json{{"field", "target_file"}});
    return {};
  }
  expected<workspace_info> create(const work_tree_id& where,
                                  const session_settings& settings) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("create", id)) return *f;
    work_tree tree;
    tree.settings = settings;
    tree.now = repository;
    tree.info.directory = "/state/worktrees/" + id;
    tree.info.base_tree = id_of(repository);
    tree.info.base_commit = tree.head = id_of(repository, "base commit");
    tree.info.branch = "ratchet/" + id;
    objects[tree.info.base_tree] = objects[tree.info.base_commit] = repository;
    return (trees[id] = tree).info;
  }
  expected<workspace_info> info(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("info", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    return trees[id].info;
  }
  expected<files> targets(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("targets", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    return targets_of(id, trees[id].now);
  }
  expected<bool> targets_are(const work_tree_id& where, const std::string& tree) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("targets_are", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    return targets_of(id, trees[id].now) == targets_of(id, objects[tree]);
  }
  expected<applied_edit> apply(const work_tree_id& where, const std::string& parent,
                               const std::vector<file_change>& changes) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("apply", id)) return *f;
    auto next = after(id, parent, changes);
    if (!next) return next.error();
    return record(id, parent, *next);
  }
  expected<applied_edit> draft(const work_tree_id& where, const std::string& parent,
                               const std::vector<file_change>& changes) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("draft", id)) return *f;
    auto next = after(id, parent, changes);
    if (!next) return next.error();
    auto now = trees[id].now;
    auto edit = record(id, parent, *next);
    trees[id].now = now;
    return edit;
  }
  /// Knows whole files only.
  expected<applied_edit> rebase(const work_tree_id& where, const std::string& tree,
                                const std::string& parent, const std::string& onto,
                                bool wins) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("rebase", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    files merged = objects[onto];
    for (const auto& [path, bytes] : objects[tree]) {
      auto was = objects[parent].find(path);
      if (was != objects[parent].end() && was->second == bytes) continue;
      if (!wins && merged[path] != (was == objects[parent].end() ? "" : was->second))
        return fail(errc::edit_refused,
                    "it changes the same lines of " + path + " as what was kept meanwhile");
      merged[path] = bytes;
    }
    auto now = trees[id].now;
    auto edit = record(id, onto, merged);
    trees[id].now = now;
    return edit;
  }
  expected<applied_edit> adopt(const work_tree_id& where, const std::string& parent) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("adopt", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    auto edit = record(id, parent, trees[id].now);
    if (!edit) trees[id].now = objects[parent];
    return edit;
  }
  expected<std::string> begin_run(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("begin_run", id)) return *f;
    return overlay;
  }
  expected<> end_run(const work_tree_id& where, bool overlaid) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called(overlaid ? "end_run overlaid" : "end_run", id)) return *f;
    return {};
  }
  expected<std::optional<std::string>> read_file(const work_tree_id& where, const std::string& path,
                                                 std::size_t max_bytes) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("read_file", id)) return *f;
    const auto& now = trees.at(id).now;
    auto it = now.find(path);
    if (it == now.end()) return std::optional<std::string>{};
    if (it->second.size() > max_bytes)
      return fail(errc::workspace_failed, path + " is longer than allowed");
    return std::optional(it->second);
  }
  expected<> remove_untracked(const work_tree_id& where, const std::string& path) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("remove_untracked", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    if (repository.count(path) == 0) trees[id].now.erase(path);
    return {};
  }
  expected<> keep_setup(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("keep_setup", id)) return *f;
    return {};
  }
  expected<> begin_build(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("begin_build", id)) return *f;
    return {};
  }
  expected<bool> mark_built(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("mark_built", id)) return *f;
    return true;
  }
  expected<bool> run_built(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("run_built", id)) return *f;
    return true;
  }
  expected<> make_all_new(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("make_all_new", id)) return *f;
    return {};
  }
  expected<build_state> build_state_of(const work_tree_id& where,
                                       const std::string& code) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("build_state_of", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    const auto wanted = code.empty() ? "" : id_of(objects[code]);
    build_state state;
    state.set_up = count("keep_setup " + id) > 0;
    state.has_products = products;
    state.kept_once = kept_for_.count(id) > 0;
    state.current = state.kept_once && kept_for_[id] == wanted;
    state.stands = id_of(trees[id].now) == wanted;
    return state;
  }
  expected<> keep_products(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("keep_products", id)) return *f;
    if (trees.count(id) > 0) kept_for_[id] = id_of(trees[id].now);
    return {};
  }
  expected<> tidy(const work_tree_id& where, const std::string& tree) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("tidy", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    if (objects.count(tree) != 0) trees[id].now = objects[tree];
    return {};
  }
  expected<std::string> tree_with(const work_tree_id& where, const std::string& parent,
                                  const std::vector<file_change>& changes) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("tree_with", id)) return *f;
    auto next = after(id, parent, changes);
    if (!next) return next.error();
    objects[id_of(*next)] = *next;
    return id_of(*next);
  }
  expected<> restore(const work_tree_id& where, const std::string& tree) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("restore", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    if (objects.count(tree) == 0)
      return fail(errc::workspace_failed, "there is no object " + tree + " in session " + id);
    trees[id].now = objects[tree];
    return {};
  }
  expected<> restore_protected(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("restore_protected", id)) return *f;
    changed.clear();
    return {};
  }
  expected<std::vector<std::string>> changed_protected(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("changed_protected", id)) return *f;
    return changed;
  }
  expected<std::string> commit(const work_tree_id& where, const std::string& tree,
                               const std::string& parent, const std::string& message,
                               std::int64_t time_ms) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("commit", id)) return *f;
    if (objects.count(tree) == 0)
      return fail(errc::workspace_failed, "there is no tree " + tree + " in session " + id);
    auto commit_id = id_of(objects[tree], parent + message + std::to_string(time_ms));
    objects[commit_id] = objects[tree];
    return commit_id;
  }
  expected<> publish(const std::string& id, const std::string& commit,
                     const std::string& parent) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("publish", id)) return *f;
    if (trees.count(id) == 0) return no_tree(id);
    if (trees[id].head == commit) return {};
    if (trees[id].head != parent)
      return fail(errc::workspace_failed, "branch " + trees[id].info.branch + " is at " +
                                              trees[id].head + ", not at " + parent);
    trees[id].head = commit;
    return {};
  }
  expected<> remove(const work_tree_id& where) override {
    const auto id = name_of(where);
    std::lock_guard lock(mutex_);
    if (auto f = called("remove", id)) return *f;
    trees.erase(id);
    std::erase(half_made, id);
    return {};
  }
  expected<std::vector<std::string>> unfinished() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("unfinished")) return *f;
    return half_made;
  }

 private:
  /// As `trees` and the recorded calls have it: "s", "s@2".
  static std::string name_of(const work_tree_id& id) {
    return id.lane == 0 ? id.session : id.session + "@" + std::to_string(id.lane);
  }
  static failure no_tree(const std::string& id) {
    return fail(errc::workspace_failed, "session " + id + " has no work tree");
  }
  files targets_of(const std::string& id, const files& tree) {
    const target_set targets(trees[id].settings.target_files);
    files out;
    for (const auto& [path, bytes] : tree)
      if (targets.contains(path)) out[path] = bytes;
    return out;
  }
  static bool is_protected(const session_settings& settings, const std::string& path) {
    return std::any_of(
        settings.protected_paths.begin(), settings.protected_paths.end(),
        [&](const std::string& p) { return path == p || path.rfind(p + "/", 0) == 0; });
  }
  expected<files> after(const std::string& id, const std::string& parent,
                        const std::vector<file_change>& changes) {
    if (trees.count(id) == 0) return no_tree(id);
    files next = objects[parent];
    for (const auto& change : changes) {
      if (!target_set(trees[id].settings.target_files).contains(change.path))
        return fail(errc::edit_refused, change.path + " is not a target of this session");
      if (is_protected(trees[id].settings, change.path))
        return fail(errc::edit_refused, change.path + " is protected");
      if (change.content)
        next[change.path] = *change.content;
      else
        next.erase(change.path);
    }
    return next;
  }
  expected<applied_edit> record(const std::string& id, const std::string& parent,
                                const files& next) {
    const files& before = objects[parent];
    applied_edit edit;
    for (const auto& [path, bytes] : next)
      if (before.count(path) == 0 || before.at(path) != bytes) {
        edit.files_changed.push_back(path);
        edit.diff += "--- a/" + path + "\n+++ b/" + path + "\n" +
                     hunks_between(before.count(path) ? before.at(path) : "", bytes);
      }
    for (const auto& [path, bytes] : before)
      if (next.count(path) == 0) edit.files_changed.push_back(path);
    std::sort(edit.files_changed.begin(), edit.files_changed.end());
    if (edit.files_changed.empty())
      return fail(errc::edit_refused, "the edit changes no byte; propose a different one");
    edit.tree = id_of(next);
    objects[edit.tree] = next;
    trees[id].now = next;
    return edit;
  }

  std::map<std::string, std::string> kept_for_;
  std::mutex mutex_;
};

}  // namespace ratchet::testing
