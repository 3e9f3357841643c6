// SPDX-License-Identifier: MIT
#include "actors/work/world.hpp"

namespace ratchet {

command_line wrapped(const world& w, command_line command) {
  command_line all;
  all.argv = w.place.pinned();
  all.argv.insert(all.argv.end(), w.wrap.begin(), w.wrap.end());
  if (all.argv.empty() || command.empty()) return command;
  for (auto& word : command.arguments()) all.argv.push_back(std::move(word));
  return all;
}

expected<> targets_untouched(const world& w, const std::string& session_id,
                             const session_settings& settings, const std::string& parent,
                             const std::string& tree) {
  if (settings.workspace != workspace_kind::in_place) return {};
  auto as_they_were = w.workspaces->targets_are(session_id, tree.empty() ? parent : tree);
  if (!as_they_were) return as_they_were.error();
  if (*as_they_were) return {};
  auto why = fail(errc::workspace_failed,
                  "a target was changed in " + settings.repo_path +
                      " since the last step, and not by this session; nothing was touched. Put the "
                      "change back or aside, then call again",
                  json{{"field", "workspace"}});
  why.untouched = true;
  return why;
}

}  // namespace ratchet
