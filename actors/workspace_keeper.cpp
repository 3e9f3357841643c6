// SPDX-License-Identifier: MIT
#include "actors/workspace_keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

caf::result<done> as_done(const expected<>& x) {
  if (x) return done{};
  return as_error(x.error());
}

/// Everything about the settings that needs a look at the world.
expected<> inspect(world& w, const session_settings& settings) {
  if (auto ok = w.workspaces->inspect(settings); !ok) return ok;
  return w.check_backend(settings);
}

expected<workspace_opened> open(world& w, const open_workspace& m) {
  auto info = w.workspaces->create(m.session_id, m.settings);
  if (!info) return info.error();
  return workspace_opened{info->directory,   info->base_commit, info->base_tree, info->branch,
                          info->uncommitted, info->missing,     info->absent,    info->targets};
}

expected<targets_read> read(world& w, const read_targets& m) {
  auto files = w.workspaces->targets(m.session_id);
  if (!files) return files.error();
  return targets_read{std::move(*files)};
}

expected<tree_drafted> draft(world& w, const draft_tree& m) {
  std::vector<file_change> changes;
  for (const auto& [path, bytes] : m.files) changes.push_back({path, bytes, {}});
  auto drafted = w.workspaces->draft(m.session_id, m.parent, changes);
  if (!drafted) return drafted.error();
  return tree_drafted{drafted->tree, drafted->files_changed, drafted->diff};
}

expected<tree_rebased> rebase(world& w, const rebase_tree& m) {
  auto made = w.workspaces->rebase(m.session_id, m.tree, m.parent, m.onto, m.wins);
  if (made) return tree_rebased{{made->tree, made->files_changed, made->diff}, ""};
  if (made.error().code == errc::edit_refused) return tree_rebased{{}, made.error().text};
  return made.error();
}

expected<candidate_committed> commit(world& w, const commit_candidate& m) {
  auto id = w.workspaces->commit(m.session_id, m.tree, m.parent, m.message, m.time_ms);
  if (!id) return id.error();
  for (const auto& lane : w.lanes->standing_at(m.session_id, m.tree)) w.lanes->stands(lane, *id);
  return candidate_committed{*id};
}

expected<unfinished_workspaces> find(world& w) {
  auto ids = w.workspaces->unfinished();
  if (!ids) return ids.error();
  return unfinished_workspaces{std::move(*ids)};
}

/// Where the kept code stands built, the next candidates are built upon it: in the session's own
/// work tree, or in the one where a round's winner was measured. Without these products they take
/// longer, no more.
void keep_products(world& w, const publish_commit& m) {
  auto lanes = w.lanes->standing_at(m.session_id, m.commit);
  const work_tree_id own = m.session_id;
  if (std::find(lanes.begin(), lanes.end(), own) == lanes.end()) lanes.push_back(own);
  for (const auto& lane : lanes) {
    // Something else is measured there by now, and what the kept code left is gone.
    if (!w.lanes->try_to_take(lane)) continue;
    taken_lane here(*w.lanes, lane);
    auto known = w.workspaces->build_state_of(lane, m.commit);
    if (!known || !known->has_products || !known->stands || known->current) continue;
    if (auto ok = w.workspaces->keep_products(lane); !ok)
      spdlog::warn("session {}: what the kept candidate's build left is not kept: {}", m.session_id,
                   ok.error().text);
  }
}

expected<> publish(world& w, const publish_commit& m) {
  if (auto ok = w.workspaces->publish(m.session_id, m.commit, m.parent); !ok) return ok;
  keep_products(w, m);
  return w.workspaces->restore(m.session_id, m.commit);
}

}  // namespace

workspace_keeper_actor::behavior_type workspace_keeper(workspace_keeper_state::front self, world w,
                                                       std::size_t workers) {
  return workspace_keeper_with(
      self, w, workers, [self, w] { return self->spawn<caf::detached>(workspace_worker, w); });
}

workspace_keeper_actor::behavior_type workspace_keeper_with(
    workspace_keeper_state::front self, world, std::size_t workers,
    std::function<workspace_worker_actor()> spawn_worker) {
  auto& pool = self->state.pool;
  pool = std::make_unique<worker_pool<workspace_keeper_state::front, workspace_worker_actor>>(
      self, "workspace worker", workers, std::move(spawn_worker));
  return {
      [&pool](const inspect_repository& m) {
        return pool->submit<done>(m.settings->repo_path, m, git_timeout);
      },
      [&pool](const open_workspace& m) {
        return pool->submit<workspace_opened>(m.session_id, m, git_timeout);
      },
      [&pool](const restore_workspace& m) {
        return pool->submit<done>(m.session_id, m, git_timeout);
      },
      [&pool](const read_targets& m) {
        return pool->submit<targets_read>(m.session_id, m, git_timeout);
      },
      [&pool](const read_code& m) { return pool->submit<code_read>(m.session_id, m, git_timeout); },
      [&pool](const draft_tree& m) {
        return pool->submit<tree_drafted>(m.session_id, m, git_timeout);
      },
      [&pool](const rebase_tree& m) {
        return pool->submit<tree_rebased>(m.session_id, m, git_timeout);
      },
      [&pool](const commit_candidate& m) {
        return pool->submit<candidate_committed>(m.session_id, m, git_timeout);
      },
      [&pool](const publish_commit& m) { return pool->submit<done>(m.session_id, m, git_timeout); },
      [&pool](const remove_workspace& m) {
        return pool->submit<done>(m.session_id, m, git_timeout);
      },
      [&pool](const find_unfinished& m) {
        return pool->submit<unfinished_workspaces>("", m, git_timeout);
      },
  };
}

workspace_worker_actor::behavior_type workspace_worker(workspace_worker_actor::pointer, world w) {
  return {
      [w](const inspect_repository& m) mutable { return as_done(inspect(w, m.settings)); },
      [w](const open_workspace& m) mutable { return as_result(open(w, m)); },
      [w](const restore_workspace& m) mutable {
        return as_done(w.workspaces->restore(m.session_id, m.tree));
      },
      [w](const read_targets& m) mutable { return as_result(read(w, m)); },
      [w](const read_code& m) mutable { return as_result(w.code->read(m)); },
      [w](const draft_tree& m) mutable { return as_result(draft(w, m)); },
      [w](const rebase_tree& m) mutable { return as_result(rebase(w, m)); },
      [w](const commit_candidate& m) mutable { return as_result(commit(w, m)); },
      [w](const publish_commit& m) mutable { return as_done(publish(w, m)); },
      [w](const remove_workspace& m) mutable {
        return as_done(w.workspaces->remove(m.session_id));
      },
      [w](const find_unfinished&) mutable { return as_result(find(w)); },
  };
}

}  // namespace ratchet
