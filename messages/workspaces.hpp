// SPDX-License-Identifier: MIT
//
// What a session asks of the workspace keeper: its work tree and the commits made of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Can this repository be worked on, are the targets what they must be? Touches nothing.
struct inspect_repository {
  shared_settings settings;

  static constexpr auto fields() {
    return field_list{field{"settings", &inspect_repository::settings}};
  }
};

struct open_workspace {
  std::string session_id;
  shared_settings settings;

  static constexpr auto fields() {
    return field_list{field{"session_id", &open_workspace::session_id},
                      field{"settings", &open_workspace::settings}};
  }
};

struct workspace_opened {
  std::string directory;
  std::string base_commit;
  std::string base_tree;
  std::string branch;
  std::vector<std::string> uncommitted;
  std::vector<std::string> missing;  ///< as in workspace_info
  std::vector<std::string> absent;   ///< likewise
  std::vector<std::string> targets;  ///< likewise

  static constexpr auto fields() {
    using w = workspace_opened;
    return field_list{field{"directory", &w::directory},
                      field{"base_commit", &w::base_commit},
                      field{"base_tree", &w::base_tree},
                      field{"branch", &w::branch},
                      field{"uncommitted", &w::uncommitted},
                      field{"missing", &w::missing, presence::if_set},
                      field{"absent", &w::absent, presence::if_set},
                      field{"targets", &w::targets, presence::if_set}};
  }
};

struct restore_workspace {
  std::string session_id;
  std::string tree;

  static constexpr auto fields() {
    return field_list{field{"session_id", &restore_workspace::session_id},
                      field{"tree", &restore_workspace::tree}};
  }
};

/// The bytes of every target as the best commit has them, which the work tree holds.
struct read_targets {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &read_targets::session_id}};
  }
};

struct targets_read {
  std::map<std::string, std::string> files;

  static constexpr auto fields() { return field_list{field{"files", &targets_read::files}}; }
};

/// The tree of `parent` with these texts, in the object database alone.
struct draft_tree {
  std::string session_id;
  std::string parent;
  std::map<std::string, std::string> files;

  static constexpr auto fields() {
    using d = draft_tree;
    return field_list{field{"session_id", &d::session_id}, field{"parent", &d::parent},
                      field{"files", &d::files}};
  }
};

struct tree_drafted {
  std::string tree;
  std::vector<std::string> files_changed;  ///< sorted
  std::string diff;                        ///< unified, against the parent

  static constexpr auto fields() {
    using t = tree_drafted;
    return field_list{field{"tree", &t::tree}, field{"files_changed", &t::files_changed},
                      field{"diff", &t::diff}};
  }
};

/// What `tree` changes of `parent`, on top of `onto`, in the object database alone: a candidate
/// that was measured while another one was kept.
struct rebase_tree {
  std::string session_id;
  std::string tree;
  std::string parent;
  std::string onto;   ///< a commit
  bool wins = false;  ///< where both change the same lines it is this one's that count

  static constexpr auto fields() {
    using r = rebase_tree;
    return field_list{field{"session_id", &r::session_id}, field{"tree", &r::tree},
                      field{"parent", &r::parent}, field{"onto", &r::onto},
                      field{"wins", &r::wins, presence::if_set}};
  }
};

struct tree_rebased {
  tree_drafted drafted;  ///< its diff is against `onto`
  std::string refused;   ///< why there is none: both change the same lines, or nothing is left

  static constexpr auto fields() {
    return field_list{field{"drafted", &tree_rebased::drafted},
                      field{"refused", &tree_rebased::refused, presence::if_set}};
  }
};

/// Writes the commit object that a promotion will publish; no branch moves yet.
struct commit_candidate {
  std::string session_id;
  std::string tree;
  std::string parent;
  std::string message;
  std::int64_t time_ms = 0;

  static constexpr auto fields() {
    using c = commit_candidate;
    return field_list{field{"session_id", &c::session_id}, field{"tree", &c::tree},
                      field{"parent", &c::parent}, field{"message", &c::message},
                      field{"time_ms", &c::time_ms}};
  }
};

struct candidate_committed {
  std::string commit;

  static constexpr auto fields() {
    return field_list{field{"commit", &candidate_committed::commit}};
  }
};

/// Moves the branch to the commit, then makes the work tree exactly that commit.
struct publish_commit {
  std::string session_id;
  std::string commit;
  std::string parent;

  static constexpr auto fields() {
    using p = publish_commit;
    return field_list{field{"session_id", &p::session_id}, field{"commit", &p::commit},
                      field{"parent", &p::parent}};
  }
};

/// Which session folders hold no whole workspace? Takes no lease: some may be at work.
struct find_unfinished {
  static constexpr auto fields() { return field_list{}; }
};

struct unfinished_workspaces {
  std::vector<std::string> session_ids;

  static constexpr auto fields() {
    return field_list{field{"session_ids", &unfinished_workspaces::session_ids}};
  }
};

struct remove_workspace {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &remove_workspace::session_id}};
  }
};

}  // namespace ratchet
