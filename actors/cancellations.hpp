// SPDX-License-Identifier: MIT
//
// Stop requests on their way to a worker that is busy: its mailbox would be read too late, so front
// and workers share this table.
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>

namespace ratchet {

class cancellations {
 public:
  /// Called by a worker when it takes a job up; the token fires when the job is cancelled.
  std::stop_token begin(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    if (all_) {
      std::stop_source stopped;
      stopped.request_stop();
      return stopped.get_token();
    }
    return (sources_[session_id] = std::stop_source{}).get_token();
  }
  void end(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    sources_.erase(session_id);
  }
  void cancel(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    if (auto it = sources_.find(session_id); it != sources_.end()) it->second.request_stop();
  }
  /// The runtime ends: what is at work stops, and what is taken up later never starts.
  void cancel_all() {
    std::lock_guard lock(mutex_);
    all_ = true;
    for (auto& [id, source] : sources_) source.request_stop();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::stop_source> sources_;
  bool all_ = false;
};

/// `begin` and `end` around a job.
class cancellable {
 public:
  cancellable(cancellations& table, const std::string& session_id)
      : table_(table), session_id_(session_id), token_(table.begin(session_id)) {}
  ~cancellable() { table_.end(session_id_); }
  cancellable(const cancellable&) = delete;
  cancellable& operator=(const cancellable&) = delete;
  const std::stop_token& token() const { return token_; }

 private:
  cancellations& table_;
  std::string session_id_;
  std::stop_token token_;
};

}  // namespace ratchet
