// SPDX-License-Identifier: MIT
//
// The extra work trees that run workers have seen to in this process. A tree found on the disk may
// have been left half set up by a process that was killed; one that is listed here was not.
#pragma once

#include <mutex>
#include <set>
#include <string>

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
  /// The session is over.
  void forget(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    std::erase_if(lanes_, [&](const auto& l) { return l.starts_with(session_id + "@"); });
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> lanes_;
};

}  // namespace ratchet
