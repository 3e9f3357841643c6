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

namespace ratchet {

class standing_lanes {
 public:
  /// `tree` (an id as jobs name it) has been built and measured in this work tree; empty: something
  /// else is about to be written there.
  void stands(const std::string& lane, const std::string& tree) {
    std::lock_guard lock(mutex_);
    if (tree.empty())
      standing_.erase(lane);
    else
      standing_[lane] = tree;
  }
  /// The work trees of a session where `tree` stands.
  std::vector<std::string> standing_at(const std::string& session_id,
                                       const std::string& tree) const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& [lane, at] : standing_)
      if (at == tree && is_of(lane, session_id)) found.push_back(lane);
    return found;
  }
  /// The session is over.
  void forget(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    std::erase_if(standing_, [&](const auto& l) { return is_of(l.first, session_id); });
  }

 private:
  static bool is_of(const std::string& lane, const std::string& session_id) {
    return lane == session_id || lane.starts_with(session_id + "@");
  }
  mutable std::mutex mutex_;
  std::map<std::string, std::string> standing_;  ///< work tree → tree
};

}  // namespace ratchet
