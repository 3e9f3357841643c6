// SPDX-License-Identifier: MIT
//
// Stop requests on their way to a worker that is busy: its mailbox would be read too late, so front
// and workers share this table. A front says what it has accepted, so that a stop is also found by
// a job that still lies in its worker's mailbox.
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>

namespace ratchet {

class cancellations {
 public:
  /// Called by the front when it accepts a job: what was cancelled before was another one. Jobs of
  /// one key that are at work side by side are accepted before any of them is cancelled.
  void expect(const std::string& key) {
    std::lock_guard lock(mutex_);
    expected_[key] = false;
  }
  /// No further job of this key will come.
  void forget(const std::string& key) {
    std::lock_guard lock(mutex_);
    expected_.erase(key);
  }
  /// Called by a worker when it takes a job up; the token fires when the job is cancelled, at once
  /// when it was already. Several jobs of one key may be at work side by side.
  std::stop_token begin(const std::string& key) {
    std::lock_guard lock(mutex_);
    auto source = sources_.emplace(key, std::stop_source{});
    auto expected = expected_.find(key);
    if (all_ || (expected != expected_.end() && expected->second)) source->second.request_stop();
    return source->second.get_token();
  }
  /// The job that got this token is over.
  void end(const std::string& key, const std::stop_token& token) {
    std::lock_guard lock(mutex_);
    auto [at, last] = sources_.equal_range(key);
    while (at != last && at->second.get_token() != token) ++at;
    if (at != last) sources_.erase(at);
  }
  void cancel(const std::string& key) {
    std::lock_guard lock(mutex_);
    if (auto expected = expected_.find(key); expected != expected_.end()) expected->second = true;
    auto [at, last] = sources_.equal_range(key);
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
  std::map<std::string, bool> expected_;  ///< key → cancelled since it was accepted
  std::multimap<std::string, std::stop_source> sources_;
  bool all_ = false;
};

/// `begin` and `end` around a job.
class cancellable {
 public:
  cancellable(cancellations& table, const std::string& key)
      : table_(table), key_(key), token_(table.begin(key)) {}
  ~cancellable() { table_.end(key_, token_); }
  cancellable(const cancellable&) = delete;
  cancellable& operator=(const cancellable&) = delete;
  const std::stop_token& token() const { return token_; }

 private:
  cancellations& table_;
  std::string key_;
  std::stop_token token_;
};

}  // namespace ratchet
