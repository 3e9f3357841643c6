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
  /// Called by a worker when it takes a job up; the token fires when the job is cancelled. Several
  /// jobs of one session may be at work side by side.
  std::stop_token begin(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    auto source = sources_.emplace(session_id, std::stop_source{});
    if (all_) source->second.request_stop();
    return source->second.get_token();
  }
  /// The job that got this token is over.
  void end(const std::string& session_id, const std::stop_token& token) {
    std::lock_guard lock(mutex_);
    auto [at, last] = sources_.equal_range(session_id);
    while (at != last && at->second.get_token() != token) ++at;
    if (at != last) sources_.erase(at);
  }
  void cancel(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    auto [at, last] = sources_.equal_range(session_id);
    for (; at != last; ++at) at->second.request_stop();
  }
  /// The runtime ends: what is at work stops, and what is taken up later never starts.
  void cancel_all() {
    std::lock_guard lock(mutex_);
    all_ = true;
    for (auto& [id, source] : sources_) source.request_stop();
  }

 private:
  std::mutex mutex_;
  std::multimap<std::string, std::stop_source> sources_;
  bool all_ = false;
};

/// `begin` and `end` around a job.
class cancellable {
 public:
  cancellable(cancellations& table, const std::string& session_id)
      : table_(table), session_id_(session_id), token_(table.begin(session_id)) {}
  ~cancellable() { table_.end(session_id_, token_); }
  cancellable(const cancellable&) = delete;
  cancellable& operator=(const cancellable&) = delete;
  const std::stop_token& token() const { return token_; }

 private:
  cancellations& table_;
  std::string session_id_;
  std::stop_token token_;
};

}  // namespace ratchet
