// SPDX-License-Identifier: MIT
//
// The private bare git directory of a session. It borrows the user's objects (alternates), holds
// the objects of every candidate (candidate_log.hpp), and one branch. No candidate is told of it,
// no config but three lines of ours is in it, no hook runs. Its objects are not synced to the disk:
// what is kept is copied, synced, into the user's repository, and the rest can be made again.
#pragma once

#include <memory>
#include <string>

#include "runtime/git/candidate_log.hpp"
#include "runtime/git/git2.hpp"

namespace ratchet::git {

/// Makes a bare repository named `name` in the folder `dir`, where that is absent: no hooks, no
/// config but ours. HEAD is to be `branch`.
void make_bare_repository(int dir, const char* name, const std::string& branch);

/// The lines of an alternates file: the objects of the repository, and those that it borrows.
std::string alternates_text(const std::string& common_dir);

/// Makes `<session>/git`; `session_dir` is the session's folder, where `git` must be absent.
/// `in_place`: the user's own branch will move, so its reflog is written; ours needs none.
void make_private_repository(int session_dir, const std::string& common_dir,
                             const std::string& branch, bool in_place);

struct private_repository {
  repository_ptr repository;
  std::shared_ptr<candidate_log> candidates;  ///< which `repository` reads too
};

/// `<session>/git`. Removes lock files first: whoever held them is gone, as the session's lease is
/// ours.
private_repository open_private_repository(int session_dir, const std::string& session_path,
                                           const std::string& branch);

/// The same for an extra work tree, beside others that use it: no lock file is touched, and nothing
/// but objects may be written through it.
private_repository join_private_repository(const std::string& session_path);

/// The user's repository, with references written synced whatever its own config says.
repository_ptr open_durable(const std::string& repo_path, const std::string& session_path);

}  // namespace ratchet::git
