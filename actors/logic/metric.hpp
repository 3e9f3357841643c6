// SPDX-License-Identifier: MIT
//
// How one number is found in what a run printed. Linear in the output, bounded in memory, and the
// same however the output is cut into chunks.
//
// With a pattern (RE2 syntax, case-sensitive, exactly one group) that pattern alone counts. It sees
// one line at a time without its end ('\n' and '\r' both end a line, so a progress bar is many
// lines); ^ and $ are the line's ends. No match reaches across lines: a pattern that needs "\n" is
// refused at setup. A line over 64 KiB is read in windows of 64 KiB that overlap by half. The
// group's text, trimmed, must be one number (number_text.hpp); a match where it is not is passed
// over.
//
// Without one, the metric's name as a whole token counts, in either case: the name, or the name in
// quotes as a key; blanks; ':', '=', '->' or nothing; blanks; the number, which may be in quotes.
// Terminal colours count as blanks. `f1_score` is another token than `score`. Only when the output
// never has the name followed by such a number or by one of ':', '=', '->', the fallbacks are tried
// on the first and the last 8 KiB of it: "N passed", then score, result, metric, accuracy, loss and
// bpb by the same rules as the name.
//
// `pick`: the last match counts unless the rule says first, max or min. A match that is not finite
// (nan, inf, 1e999) counts too: where it is picked as last or first there is no metric. max and min
// are taken over the finite ones.
//
// "json:PATH#/pointer": PATH is a file relative to the workspace, the pointer (RFC 6901) names a
// number in it. The output is not looked at. Nor is it for "@wall_s" and its like, which Ratchet
// measures itself: measured_metric.hpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/settings.hpp"

namespace re2 {
class RE2;
}

namespace ratchet {

/// What was found. `source` is "pattern", "name", "json", "measured" or "fallback:<word>"; it is
/// empty when nothing matched. `missing` says in one sentence why there is no value.
struct metric_reading {
  std::optional<double> value;
  std::string source;
  std::string missing;
};

/// A checked rule, ready for use from several threads; copies share the compiled pattern.
struct compiled_metric {
  metric_rule rule;
  std::string json_path;                    ///< set iff the rule reads a JSON file
  std::string json_pointer;                 ///< "" is the whole document
  std::shared_ptr<const re2::RE2> pattern;  ///< set iff the rule is a pattern
  /// In lower case: a line that has none of these cannot match. Empty: no such texts are known.
  std::vector<std::string> required_texts;
  std::string measured{};  ///< set iff Ratchet measures it itself: measured_metric.hpp

  bool reads_json() const { return !json_path.empty(); }
};

/// Refuses (`invalid_argument`, details.field "metric_pattern" or "metric_name") a pattern that
/// does not compile, has not exactly one group or needs a line break; a JSON path that is absolute
/// or leaves the workspace; a pointer that is none; an empty name without a pattern.
expected<compiled_metric> compile_metric(const metric_rule& rule);

/// Reads one metric from the output of one run while it is printed. Several metrics of one run are
/// several scanners fed with the same chunks.
class metric_scanner {
 public:
  /// `window` is the length of the windows in which overlong lines are read; tests make it small.
  explicit metric_scanner(const compiled_metric& metric, std::size_t window = 64 * 1024);
  ~metric_scanner();
  metric_scanner(metric_scanner&&) noexcept;
  metric_scanner& operator=(metric_scanner&&) noexcept;

  void consume(std::string_view chunk);
  /// The output has ended. For a JSON metric: see read_json_metric.
  metric_reading finish();

  class scan;

 private:
  std::unique_ptr<scan> scan_;
};

/// The value of a JSON metric; `bytes` is the file as the run left it, nothing when there is none.
metric_reading read_json_metric(const compiled_metric& metric,
                                std::optional<std::string_view> bytes);

}  // namespace ratchet
