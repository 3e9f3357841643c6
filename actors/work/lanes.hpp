// SPDX-License-Identifier: MIT
//
// Which work trees, the extra ones and the sessions' own, this process has measured something in
// that still stands there: the one of a kept candidate has products worth keeping. Forgetting costs
// a build, no more.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "actors/ports/workspace_port.hpp"

namespace ratchet {

class standing_lanes {
 public:
  /// `tree` (an id as jobs name it) has been built and measured in this work tree; empty: something
  /// else is about to be written there.
  void stands(const work_tree_id& where, const std::string& tree) {
    std::lock_guard lock(mutex_);
    if (tree.empty())
      standing_.erase(where);
    else
      standing_[where] = tree;
  }
  /// The work trees of a session where `tree` stands.
  std::vector<work_tree_id> standing_at(const std::string& session_id,
                                        const std::string& tree) const {
    std::lock_guard lock(mutex_);
    std::vector<work_tree_id> found;
    for (const auto& [where, at] : standing_)
      if (at == tree && where.session == session_id) found.push_back(where);
    return found;
  }
  /// A work tree belongs to one at a time: a run waits for it, who looks after products does not.
  void take(const work_tree_id& where) {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return !taken_.contains(where); });
    taken_.insert(where);
  }
  bool try_to_take(const work_tree_id& where) {
    std::lock_guard lock(mutex_);
    return taken_.insert(where).second;
  }
  void give_back(const work_tree_id& where) {
    {
      std::lock_guard lock(mutex_);
      taken_.erase(where);
    }
    given_back_.notify_all();
  }
  /// The session is over.
  void forget(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    std::erase_if(standing_, [&](const auto& s) { return s.first.session == session_id; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::map<work_tree_id, std::string> standing_;
  std::set<work_tree_id> taken_;
};

/// Gives back what was taken.
class taken_lane {
 public:
  taken_lane(standing_lanes& lanes, work_tree_id where) : lanes_(lanes), where_(std::move(where)) {}
  ~taken_lane() { lanes_.give_back(where_); }
  taken_lane(const taken_lane&) = delete;
  taken_lane& operator=(const taken_lane&) = delete;

 private:
  standing_lanes& lanes_;
  work_tree_id where_;
};

}  // namespace ratchet
