// SPDX-License-Identifier: MIT
//
// A value that is made once and then handed from message to message: whoever passes it on copies a
// pointer, and nobody can change what the others see.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "messages/json.hpp"

namespace ratchet {

/// A T that cannot be changed, owned together with all copies of this. There always is one: a T{}
/// where none was given. It can be replaced as a whole, which the copies do not notice.
template <class T>
class shared {
 public:
  shared() : value_(blank()) {}
  shared(T value)  // NOLINT(google-explicit-constructor)
      : value_(std::make_shared<const T>(std::move(value))) {}
  // Moving one is copying it, so that what was moved from has its value still.
  shared(const shared&) = default;
  shared& operator=(const shared&) = default;

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  operator const T&() const& { return *value_; }  // NOLINT(google-explicit-constructor)
  /// The reference would outlive what it is of.
  operator const T&() const&& = delete;

  bool operator==(const shared& other) const requires std::equality_comparable<T> {
    return value_ == other.value_ || *value_ == *other.value_;
  }

 private:
  static const std::shared_ptr<const T>& blank() {
    static const auto value = std::make_shared<const T>();
    return value;
  }

  std::shared_ptr<const T> value_;
};

/// In JSON, in the store and on the wire, it is the T.
template <class T>
void to_json(json& j, const shared<T>& x) {
  j = *x;
}
/// Absent keys leave members as they are, which is how a T is read.
template <class T>
void from_json(const json& j, shared<T>& x) {
  T value = *x;
  j.get_to(value);
  x = std::move(value);
}

}  // namespace ratchet
