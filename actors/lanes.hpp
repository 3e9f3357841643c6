// SPDX-License-Identifier: MIT
//
// What run workers know of work trees, the extra ones and the sessions' own, in this process: which
// have been seen to (a tree found on the disk may have been left half set up by a process that was
// killed; one that is listed here was not), what stands built in them, and of which commit their
// products are. Forgetting only costs a build.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ratchet {

class prepared_lanes {
 public:
  bool contains(const std::string& lane) const {
    std::lock_guard lock(mutex_);
    return lanes_.count(lane) > 0;
  }
  void add(const std::string& lane) {
    std::lock_guard lock(mutex_);
    lanes_.insert(lane);
  }
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
  /// The products that the work tree comes back with are those of this commit.
  void has_products_of(const std::string& lane, const std::string& commit) {
    std::lock_guard lock(mutex_);
    products_[lane] = commit;
  }
  std::string products_of(const std::string& lane) const {
    std::lock_guard lock(mutex_);
    auto it = products_.find(lane);
    return it == products_.end() ? "" : it->second;
  }
  /// The session is over.
  void forget(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    std::erase_if(lanes_, [&](const auto& l) { return is_of(l, session_id); });
    std::erase_if(standing_, [&](const auto& l) { return is_of(l.first, session_id); });
    std::erase_if(products_, [&](const auto& l) { return is_of(l.first, session_id); });
  }

 private:
  static bool is_of(const std::string& lane, const std::string& session_id) {
    return lane == session_id || lane.starts_with(session_id + "@");
  }
  mutable std::mutex mutex_;
  std::set<std::string> lanes_;
  std::map<std::string, std::string> standing_;  ///< work tree → tree
  std::map<std::string, std::string> products_;  ///< work tree → commit
};

}  // namespace ratchet
