// SPDX-License-Identifier: MIT
#include "runtime/git/workspaces.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "runtime/git/in_place.hpp"
#include "runtime/git/repository_checks.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet {

namespace {

using git::guarded;
using git::session_workspace;

/// Open handles hold memory-mapped packs and a listing each; a thousand sessions must not.
constexpr std::size_t max_open = 64;

/// In place, the targets must be as HEAD has them: said before a session exists.
void check_clean(const git::checked_repository& checked) {
  if (auto other = git::session_in_place(checked.repository.get()); !other.empty())
    git::refuse(errc::repository_refused,
                "session " + other + " works in place in " + checked.root +
                    "; finalize it first, or use workspace \"worktree\"",
                json{{"field", "workspace"}});
  git::tree_reader reader(checked.repository.get(), {}, {});
  git::cached_folder cache;
  git::descriptor root = git::open_trusted_folder(checked.root);
  if (!root) git::refuse_errno("open the work tree " + checked.root, "check the repository");
  git::look_around(reader, cache, root.get(), checked.repository.get(), checked.base_tree,
                   checked.bounds);
}

class git_workspaces final : public workspace_port, public settling_port {
 public:
  git_workspaces(std::string sessions, std::size_t overlay_from)
      : sessions_(std::move(sessions)), overlay_from_(overlay_from) {}

  expected<> inspect(const session_settings& settings) override {
    return guarded([&] {
      auto checked = git::check_repository(settings);
      if (settings.workspace == workspace_kind::in_place) check_clean(checked);
    });
  }
  expected<workspace_info> create(const work_tree_id& id,
                                  const session_settings& settings) override {
    return guarded([&] {
      git::check_work_tree_id(id);
      forget(id);
      std::shared_ptr<session_workspace> made =
          id.lane ? session_workspace::create_extra(sessions_, id)
                  : session_workspace::create(sessions_, id.session, settings);
      keep(id, made);
      return made->info();
    });
  }
  expected<workspace_info> info(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.info(); });
  }
  expected<std::map<std::string, std::string>> targets(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.targets(); });
  }
  expected<bool> targets_are(const work_tree_id& id, const std::string& tree) override {
    return with(id, [&](auto& w) { return w.targets_are(tree); });
  }
  expected<applied_edit> apply(const work_tree_id& id, const std::string& parent,
                               const std::vector<file_change>& changes) override {
    return with(id, [&](auto& w) { return w.apply(parent, changes); });
  }
  expected<applied_edit> draft(const work_tree_id& id, const std::string& parent,
                               const std::vector<file_change>& changes) override {
    return with(id, [&](auto& w) { return w.draft(parent, changes); });
  }
  expected<applied_edit> rebase(const work_tree_id& id, const std::string& tree,
                                const std::string& parent, const std::string& onto,
                                bool wins) override {
    return with(id, [&](auto& w) { return w.rebase(tree, parent, onto, wins); });
  }
  expected<applied_edit> adopt(const work_tree_id& id, const std::string& parent) override {
    return with(id, [&](auto& w) { return w.adopt(parent); });
  }
  expected<std::string> begin_run(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.begin_run(); });
  }
  expected<> end_run(const work_tree_id& id, bool overlaid) override {
    return with(id, [&](auto& w) { w.end_run(overlaid); });
  }
  expected<std::optional<std::string>> read_file(const work_tree_id& id, const std::string& path,
                                                 std::size_t max_bytes) override {
    return with(id, [&](auto& w) { return w.read_file(path, max_bytes); });
  }
  expected<> keep_setup(const work_tree_id& id) override {
    return with(id, [](auto& w) { w.keep_setup(); });
  }
  expected<> begin_build(const work_tree_id& id) override {
    return with(id, [](auto& w) { w.begin_build(); });
  }
  expected<bool> mark_built(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.mark_built(); });
  }
  expected<bool> run_built(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.run_built(); });
  }
  expected<> make_all_new(const work_tree_id& id) override {
    return with(id, [](auto& w) { w.make_all_new(); });
  }
  expected<> remove_untracked(const work_tree_id& id, const std::string& path) override {
    return with(id, [&](auto& w) { w.remove_untracked(path); });
  }
  expected<build_state> build_state_of(const work_tree_id& id, const std::string& code) override {
    return with(id, [&](auto& w) { return w.build_state_of(code); });
  }
  expected<> keep_products(const work_tree_id& id) override {
    return with(id, [](auto& w) { w.keep_products(); });
  }
  expected<> tidy(const work_tree_id& id, const std::string& tree) override {
    return with(id, [&](auto& w) { w.tidy(tree); });
  }
  expected<std::string> tree_with(const work_tree_id& id, const std::string& parent,
                                  const std::vector<file_change>& changes) override {
    return with(id, [&](auto& w) { return w.tree_with(parent, changes); });
  }
  expected<> restore(const work_tree_id& id, const std::string& tree) override {
    return with(id, [&](auto& w) { w.restore(tree); });
  }
  expected<> settle(const work_tree_id& id, const std::string& tree) override {
    return with(id, [&](auto& w) { w.settle(tree); });
  }
  expected<> restore_protected(const work_tree_id& id) override {
    return with(id, [](auto& w) { w.restore_protected(); });
  }
  expected<std::vector<std::string>> changed_protected(const work_tree_id& id) override {
    return with(id, [](auto& w) { return w.changed_protected(); });
  }
  expected<std::string> commit(const work_tree_id& id, const std::string& tree,
                               const std::string& parent, const std::string& message,
                               std::int64_t time_ms) override {
    return with(id, [&](auto& w) { return w.commit(tree, parent, message, time_ms); });
  }
  expected<> publish(const std::string& session_id, const std::string& commit,
                     const std::string& parent) override {
    return with(session_id, [&](auto& w) { w.publish(commit, parent); });
  }
  expected<> remove(const work_tree_id& id) override {
    return guarded([&] {
      git::check_work_tree_id(id);
      leave_trees(id);
      forget(id);
      if (id.lane)
        session_workspace::remove_extra(sessions_, id);
      else
        session_workspace::remove(sessions_, id.session);
    });
  }
  expected<std::vector<std::string>> unfinished() override {
    return guarded([&] {
      auto ids = session_workspace::unfinished(sessions_);
      std::erase_if(ids, [](const auto& id) { return !git::names_session(id); });
      return ids;
    });
  }

 private:
  /// To later sessions of the repository, as far as they can be had in good order.
  void leave_trees(const work_tree_id& id) {
    std::vector<work_tree_id> all{id};
    if (id.lane == 0)
      for (int lane : session_workspace::lanes_of(sessions_, id.session))
        all.emplace_back(id.session, lane);
    for (const auto& one : all)
      if (auto ok = with(one, [](auto& w) { w.hand_on(); }); !ok)
        spdlog::debug("session {}: a work tree is not kept: {}", id.session, ok.error().text);
  }

  template <class Work>
  auto with(const work_tree_id& id, Work&& work)
      -> expected<decltype(work(std::declval<session_workspace&>()))> {
    return guarded([&] {
      auto workspace = use(id);
      std::lock_guard lock(workspace->in_use);
      return work(*workspace);
    });
  }

  std::shared_ptr<session_workspace> use(const work_tree_id& id) {
    git::check_work_tree_id(id);
    {
      std::lock_guard lock(mutex_);
      auto it = find(id);
      if (it != open_.end() && it->second->current()) {
        open_.splice(open_.begin(), open_, it);
        return it->second;
      }
    }
    forget(id);
    std::shared_ptr<session_workspace> opened = session_workspace::open(sessions_, id);
    keep(id, opened);
    return opened;
  }

  void keep(const work_tree_id& id, std::shared_ptr<session_workspace> workspace) {
    workspace->overlay_from(overlay_from_);
    std::shared_ptr<session_workspace> dropped;  // closed outside the lock: it writes its cache
    std::lock_guard lock(mutex_);
    open_.emplace_front(id, std::move(workspace));
    if (open_.size() > max_open) {
      dropped = std::move(open_.back().second);
      open_.pop_back();
    }
  }

  /// With its extra work trees, when it is a session's.
  void forget(const work_tree_id& id) {
    std::list<std::pair<work_tree_id, std::shared_ptr<session_workspace>>> dropped;
    std::lock_guard lock(mutex_);
    for (auto it = open_.begin(); it != open_.end();) {
      auto at = it++;
      if (at->first == id || (id.lane == 0 && at->first.session == id.session))
        dropped.splice(dropped.end(), open_, at);
    }
  }

  std::list<std::pair<work_tree_id, std::shared_ptr<session_workspace>>>::iterator find(
      const work_tree_id& id) {
    return std::find_if(open_.begin(), open_.end(), [&](const auto& p) { return p.first == id; });
  }

  std::string sessions_;
  std::size_t overlay_from_;
  std::mutex mutex_;
  /// Most recently used first; at most `max_open`.
  std::list<std::pair<work_tree_id, std::shared_ptr<session_workspace>>> open_;
};

}  // namespace

expected<std::shared_ptr<workspace_port>> open_workspaces(const std::filesystem::path& state_dir,
                                                          std::size_t overlay_from) {
  return guarded([&]() -> std::shared_ptr<workspace_port> {
    std::error_code error;
    std::filesystem::create_directories(state_dir / "sessions", error);
    auto sessions = std::filesystem::canonical(state_dir / "sessions", error);
    if (error)
      git::refuse(errc::workspace_failed, "cannot use the state directory " + state_dir.string() +
                                              ": " + error.message() +
                                              "; choose one that you may write to");
    return std::make_shared<git_workspaces>(sessions.string(), overlay_from);
  });
}

std::shared_ptr<settling_port> settling(const std::shared_ptr<workspace_port>& workspaces) {
  return std::dynamic_pointer_cast<git_workspaces>(workspaces);
}

}  // namespace ratchet
