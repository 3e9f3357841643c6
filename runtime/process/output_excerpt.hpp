// SPDX-License-Identifier: MIT
//
// The beginning and the end of an output of any length, in bounded memory.
#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// Keeps the first and the last 5,000 characters of what it is given; at most 60 KB whatever the
/// volume. Bytes that are not UTF-8 come out as U+FFFD, one character each; a character cut by the
/// window's edge is left out.
class output_excerpt {
 public:
  static constexpr std::size_t characters = 5000;

  void add(std::string_view bytes);
  std::string head() const;
  std::string tail() const;
  long long total_bytes() const { return total_; }

 private:
  std::string head_;
  std::string tail_;  ///< the last window and up to as much again before it
  long long total_ = 0;
};

}  // namespace ratchet
