// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace ratchet::net {

/// A value that one thread sets and another awaits, for a bounded time or not.
template <class T>
class answer_slot {
 public:
  void set(T x) {
    std::lock_guard lock(mutex_);
    if (!value_) value_ = std::move(x);
    there_.notify_all();
  }
  T await() {
    std::unique_lock lock(mutex_);
    there_.wait(lock, [this] { return value_.has_value(); });
    return std::move(*value_);
  }
  std::optional<T> await(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    there_.wait_for(lock, patience, [this] { return value_.has_value(); });
    return std::move(value_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::optional<T> value_;
};

}  // namespace ratchet::net
