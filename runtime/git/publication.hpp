// SPDX-License-Identifier: MIT
//
// A kept commit on its way into the user's repository: its new objects are copied and synced, then
// one reference moves by compare-and-swap. A kill at any moment leaves either the old or the new
// value, never a reference to objects that are not there.
#pragma once

#include <functional>
#include <string>

#include "runtime/git/candidate_log.hpp"

namespace ratchet::git {

/// "refs/heads/ratchet/<id>" and "refs/ratchet/<id>/base".
std::string session_branch(const std::string& session_id);
std::string base_reference(const std::string& session_id);
/// In the private repository of a session whose commits are kept on another machine: where its best
/// is. Absent: at session_branch().
std::string head_reference(const std::string& session_id);
/// Marks a repository whose own work tree a session works in.
std::string in_place_reference(const std::string& session_id);
/// The session that works in this repository's own work tree; empty: none does.
std::string session_in_place(git_repository* repository);

struct publication {
  git_repository* source;       ///< the session's private repository
  std::string source_objects;   ///< its objects folder
  candidate_log& candidates;    ///< of `source`
  git_repository* destination;  ///< the user's
  std::string common_dir;       ///< the user's git folder
  std::string session_id;
  std::string branch;       ///< the reference to move in the user's repository
  git_oid base;             ///< the session's base commit, which the user's repository has
  bool must_exist = false;  ///< the branch was there before us (in place)
};

/// Already there is success. Refuses with workspace_failed, both repositories' references as they
/// were, when the branch is neither at `parent` nor at `commit`.
/// `before_moving` runs when the objects are there and may refuse.
void publish_commit(const publication& p, const git_oid& commit, const git_oid& parent,
                    const std::function<void()>& before_moving = {});

/// Moves a reference only if it is at `from` (zero: absent). False when it was not.
bool move_reference(git_repository* repository, const std::string& name, const git_oid& from,
                    const git_oid& to, const std::string& why);

/// Removes what a killed Ratchet left of this session in the user's git folder: temporary objects
/// and locks of references that only this session writes.
void clear_leftovers(const std::string& common_dir, const std::string& session_id);

}  // namespace ratchet::git
