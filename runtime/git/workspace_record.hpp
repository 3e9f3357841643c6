// SPDX-License-Identifier: MIT
//
// `workspace.json`: all that a process needs to continue a session's workspace. Written last when
// one is made, so that its presence says that the workspace is whole; never changed afterwards.
//
//   {"format": 1, "session_id", "repo_path", "common_dir", "kind", "branch",
//    "target_files", "protected_paths", "filtered", "shared": [{"path", "target"}], "base_commit",
//    "base_tree", "author_name", "author_email", "uncommitted"}
//
// Paths that are not UTF-8 are stored as Latin-1 read as bytes (each byte one code point), which is
// why every path goes through the same encoding.
#pragma once

#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

struct workspace_record {
  std::string session_id;
  std::string repo_path;
  std::string common_dir;
  workspace_kind kind = workspace_kind::worktree;
  std::string branch;  ///< full reference name
  std::vector<std::string> target_files;
  std::vector<std::string> protected_paths;
  std::vector<std::string> filtered;  ///< absent in older ones
  std::vector<shared_link> shared;
  git_oid base_commit{};
  git_oid base_tree{};
  std::string author_name;
  std::string author_email;
  std::vector<std::string> uncommitted;

  bool in_place() const { return kind == workspace_kind::in_place; }
};

std::string encode_record(const workspace_record& record);
/// Refuses what is not a record of this format.
workspace_record decode_record(const std::string& text, const std::string& path);

}  // namespace ratchet::git
