// SPDX-License-Identifier: MIT
#include "runtime/git/lanes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

/// Removes one extra work tree below `lanes`; first what makes it whole.
void empty_lane(int lanes, int lane, const std::string& path) {
  std::string name = std::to_string(lane);
  if (::unlinkat(lanes, (name + "/workspace.json").c_str(), 0) < 0 && errno != ENOENT)
    refuse_errno("remove " + path + "/workspace.json", "make the folder writable");
  remove_entry(lanes, name.c_str(), path);
}

}  // namespace

bool names_session(const std::string& id) {
  bool good = !id.empty() && id.size() <= 128 && id != "." && id != ".." &&
              std::all_of(id.begin(), id.end(), [](unsigned char c) {
                return c < 0x80 && (std::isalnum(c) || c == '_' || c == '.' || c == '-');
              });
  // git's rules for reference names, of which an id becomes a part
  return good && id.front() != '.' && id.back() != '.' && id.find("..") == id.npos &&
         (id.size() < 5 || id.substr(id.size() - 5) != ".lock");
}

void check_work_tree_id(const work_tree_id& id) {
  if (!names_session(id.session))
    refuse(errc::invalid_argument,
           "session_id \"" + id.session.substr(0, 128) +
               "\" cannot name a workspace; use 1 to 128 of A-Z a-z 0-9 _ . -",
           json{{"field", "session_id"}});
  if (id.lane < 0 || id.lane > last_lane)
    refuse(errc::invalid_argument, "session " + id.session + " has no lane " +
                                       std::to_string(id.lane) + "; use 1 to " +
                                       std::to_string(last_lane));
}

std::string workspace_path(const std::string& sessions, const work_tree_id& id) {
  std::string path = sessions + "/" + id.session;
  return id.lane ? path + "/lanes/" + std::to_string(id.lane) : path;
}

std::unique_ptr<session_workspace> session_workspace::create_extra(const std::string& sessions,
                                                                   const work_tree_id& id) {
  std::string session_path = sessions + "/" + id.session;
  auto [folder, record, status] = read_workspace(sessions, {id.session, 0});
  if (record.in_place())
    refuse(errc::repository_refused,
           "session " + id.session + " works in place in " + record.repo_path +
               ", where candidates cannot run side by side; use workspace \"worktree\"",
           json{{"field", "workspace"}});
  if (::mkdirat(folder.get(), "lanes", 0700) < 0 && errno != EEXIST)
    refuse_errno("make the folder " + session_path + "/lanes", "check the state directory");
  descriptor lanes = open_folder(folder.get(), "lanes");
  if (!lanes) refuse_errno("open the folder " + session_path + "/lanes");
  std::string path = workspace_path(sessions, id);
  std::string name = std::to_string(id.lane);
  empty_lane(lanes.get(), id.lane, path);
  try {
    if (::mkdirat(lanes.get(), name.c_str(), 0700) < 0) refuse_errno("make the folder " + path);
    descriptor own = open_folder(lanes.get(), name.c_str());
    if (!own) refuse_errno("open the folder " + path);
    std::unique_ptr<session_workspace> made(
        new session_workspace(sessions, id, std::move(own), std::move(record)));
    made->open_private();
    made->make_worktree();
    made->finish_making();
    return made;
  } catch (...) {
    try {
      empty_lane(lanes.get(), id.lane, path);
    } catch (const refusal&) {  // the reason for giving up matters more
    }
    throw;
  }
}

std::vector<int> session_workspace::lanes_of(const std::string& sessions,
                                             const std::string& session) {
  std::vector<int> lanes;
  descriptor folder = open_trusted_folder(sessions + "/" + session + "/lanes");
  if (!folder) return lanes;
  folder_names names(folder.get());
  for (const auto& entry : names.entries()) {
    int lane = 0;
    const char* end = entry.name.data() + entry.name.size();
    if (std::from_chars(entry.name.data(), end, lane).ptr == end && lane > 0) lanes.push_back(lane);
  }
  return lanes;
}

void session_workspace::remove_extra(const std::string& sessions, const work_tree_id& id) {
  descriptor lanes = open_trusted_folder(sessions + "/" + id.session + "/lanes");
  if (lanes) empty_lane(lanes.get(), id.lane, workspace_path(sessions, id));
}

}  // namespace ratchet::git
