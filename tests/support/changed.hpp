// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "messages/shared.hpp"

namespace ratchet::testing {

/// `changed(job.settings)->plateau = 3;` gives `job` settings of its own that differ in this, as a
/// shared value itself cannot be changed. They are in place at the end of the statement.
template <class T>
class changed {
 public:
  explicit changed(shared<T>& x) : place_(x), value_(*x) {}
  ~changed() { place_ = std::move(value_); }
  changed(const changed&) = delete;
  changed& operator=(const changed&) = delete;

  T* operator->() { return &value_; }

 private:
  shared<T>& place_;
  T value_;
};

}  // namespace ratchet::testing
