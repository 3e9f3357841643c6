// SPDX-License-Identifier: MIT
#include "actors/work/world.hpp"

namespace ratchet {

expected<> targets_untouched(const world& w, const std::string& session_id,
                             const session_settings& settings, const std::string& parent,
                             const std::string& tree) {
  if (settings.workspace != workspace_kind::in_place) return {};
  auto files = w.workspaces->targets(session_id);
  if (!files) return files.error();
  std::vector<file_change> changes;
  for (const auto& [path, bytes] : *files) changes.push_back({path, bytes, {}});
  auto found = w.workspaces->tree_with(session_id, parent, changes);
  // An edit that changes no byte of the parent is refused: then the targets are the parent's.
  bool as_parent = !found && found.error().code == errc::edit_refused;
  if (tree.empty() ? as_parent : found && *found == tree) return {};
  if (!found && !as_parent) return found.error();
  auto why = fail(errc::workspace_failed,
                  "a target was changed in " + settings.repo_path +
                      " since the last step, and not by this session; nothing was touched. Put the "
                      "change back or aside, then call again",
                  json{{"field", "workspace"}});
  why.untouched = true;
  return why;
}

}  // namespace ratchet
