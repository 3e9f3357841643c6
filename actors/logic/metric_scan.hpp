// SPDX-License-Identifier: MIT
//
// Inside of metric_scanner: what the scan by name and the scan by pattern share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/logic/metric.hpp"
#include "actors/logic/number_text.hpp"

namespace ratchet {

class metric_scanner::scan {
 public:
  virtual ~scan() = default;
  virtual void consume(std::string_view chunk) = 0;
  virtual metric_reading finish() = 0;
};

/// The one that counts among the matches so far.
class metric_choice {
 public:
  void take(const number_text& number, metric_pick pick);
  bool any() const { return any_; }
  /// Nothing later can change the choice.
  bool settled(metric_pick pick) const { return any_ && pick == metric_pick::first; }
  metric_reading reading(std::string source) const;

 private:
  bool any_ = false;
  std::optional<double> value_;
};

std::unique_ptr<metric_scanner::scan> make_name_scan(const compiled_metric& metric);
std::unique_ptr<metric_scanner::scan> make_pattern_scan(const compiled_metric& metric,
                                                        std::size_t window);

/// "N passed", then the words that commonly name a metric, in a text that is all there.
/// Empty source when none is there.
metric_reading fallback_reading(std::string_view head, std::string_view tail, metric_pick pick);

/// What stands at a place where a name's text was found.
struct named_number {
  bool named = false;  ///< the name as a whole token, followed by a number or by ':', '=', '->'
  number_text number;
  std::size_t end = 0;  ///< where to look on
};

/// `at`: where `name` was found in `text`. Looks back ≤ named_before bytes and ahead
/// ≤ name_length + named_after bytes.
inline constexpr std::size_t named_before = 32;
inline constexpr std::size_t named_after = 128 + max_number_length + 8;
named_number number_named_at(std::string_view text, std::size_t at, std::size_t name_length);

}  // namespace ratchet
