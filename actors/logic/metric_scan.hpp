// SPDX-License-Identifier: MIT
//
// Inside of metric_scanner: what the scan by name and the scan by pattern share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/metric.hpp"
#include "actors/logic/printed_value.hpp"

namespace ratchet {

/// Sees the output without terminal control sequences.
class metric_scanner::scan {
 public:
  virtual ~scan() = default;
  virtual void consume(std::string_view chunk) = 0;
  virtual metric_reading finish() = 0;
};

/// The one that counts among the matches so far. All matches that are compared are in the unit of
/// the first; one of another kind of unit leaves no value.
class metric_choice {
 public:
  /// `printed`: the value as it stands in the output.
  void take(const printed_value& value, std::string_view printed, metric_pick pick);
  bool any() const { return any_; }
  /// Nothing later can change the choice.
  bool settled(metric_pick pick) const { return any_ && pick == metric_pick::first; }
  metric_reading reading(std::string source) const;

 private:
  void choose(const printed_value& value, std::string_view printed);
  void keep_for_median(double value);

  bool any_ = false;
  number_kind kind_ = number_kind::none;  ///< of the match chosen
  std::optional<double> value_;
  std::string unit_, printed_;
  std::string other_;           ///< a match of another kind of unit
  std::vector<double> values_;  ///< every stride_-th finite one, for the median
  std::size_t stride_ = 1, seen_ = 0;
};

std::unique_ptr<metric_scanner::scan> make_name_scan(const compiled_metric& metric);
std::unique_ptr<metric_scanner::scan> make_pattern_scan(const compiled_metric& metric,
                                                        std::size_t window);

/// "N passed", then the words that commonly name a metric, in a text that is all there.
/// Empty source when none is there.
metric_reading fallback_reading(std::string_view head, std::string_view tail,
                                const compiled_metric& metric);
/// "N passed" alone: its source is "name" where the metric's name is "passed".
metric_reading passed_reading(std::string_view head, std::string_view tail, metric_pick pick);

/// What stands at a place where a name's text was found.
struct named_value {
  bool token = false;        ///< the name is a whole token there
  bool table_row = false;    ///< only blanks stand between the name and its value
  bool ends_line = false;    ///< nothing stands behind the name
  printed_value value;       ///< none: no value follows
  std::string_view printed;  ///< the value's text
  std::size_t end = 0;       ///< where to look on
};

/// `at`: where `name` was found in `text`. Looks back ≤ named_before bytes and ahead
/// ≤ name_length + named_after bytes.
inline constexpr std::size_t named_before = 128;
inline constexpr std::size_t named_after = 160 + max_value_length + 8;
named_value value_named_at(std::string_view text, std::size_t at, std::size_t name_length,
                           lone_comma comma);

/// The line around `at`, no more of it than a decision looks at.
std::string_view line_around(std::string_view text, std::size_t at, std::size_t name_length);

}  // namespace ratchet
