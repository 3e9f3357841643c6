// SPDX-License-Identifier: MIT
//
// When a peer that could not be reached is tried again: 10 s after the first failure, then twice as
// long each time, at most 300 s; and a bucket that says when somebody asks too often.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ratchet {

inline constexpr std::int64_t first_backoff_ms = 10'000;
inline constexpr std::int64_t longest_backoff_ms = 300'000;

/// `failures`: how many attempts in a row have failed, this one counted.
constexpr std::int64_t delivery_backoff_ms(int failures) {
  std::int64_t wait = first_backoff_ms;
  for (int i = 1; i < failures && wait < longest_backoff_ms; ++i) wait *= 2;
  return failures < 1 ? 0 : std::min(wait, longest_backoff_ms);
}

/// `rate` tokens a second, saved up to `burst`.
class token_bucket {
 public:
  token_bucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  /// Whether there are so many now; they are gone then. `now_ms` never runs backwards here.
  bool take(double tokens, std::int64_t now_ms) {
    if (last_ms_ >= 0 && now_ms > last_ms_)
      tokens_ = std::min(burst_, tokens_ + rate_ * static_cast<double>(now_ms - last_ms_) / 1000);
    last_ms_ = std::max(last_ms_, now_ms);
    if (tokens > tokens_) return false;
    tokens_ -= tokens;
    return true;
  }

 private:
  double rate_, burst_, tokens_;
  std::int64_t last_ms_ = -1;
};

}  // namespace ratchet
