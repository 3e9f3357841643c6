// SPDX-License-Identifier: MIT
//
// Which work trees, the extra ones and the sessions' own, this process has measured something in
// that still stands there: the one of a kept candidate has products worth keeping. Forgetting costs
// a build, no more.
#pragma once

#include <map>
#include <mutex>
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
  /// The session is over.
  void forget(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    std::erase_if(standing_, [&](const auto& s) { return s.first.session == session_id; });
  }

 private:
  mutable std::mutex mutex_;
  std::map<work_tree_id, std::string> standing_;
};

}  // namespace ratchet
