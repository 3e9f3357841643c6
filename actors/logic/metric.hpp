// SPDX-License-Identifier: MIT
//
// How one number is found in what a run printed. Linear in the output, bounded in memory, and the
// same however the output is cut into chunks. Terminal control sequences (colours, cursor moves,
// titles) are never part of a name or number.
//
// **Values.** A number with or without its unit, directly behind it or after blanks: "1.2ms",
// "1.4 GB/s", "95 %", "3.4k" (3400), "1.8x", "0m1.2s" (printed_value.hpp, metric_unit.hpp). The
// reading says which unit it was; in_unit() converts to the one that counts. A decimal comma, or
// what may be one ("0,98", "1.163,5"; "1,021" too where the command's locale is not C), is
// ambiguous: where it is the value that counts there is none. So are "<3" and "~3", and what is not
// finite (nan, inf, 1e999).
//
// **By pattern** (RE2 syntax, case-sensitive, exactly one group): that pattern alone counts. It
// sees one line at a time without its end ('\n' and '\r' both end a line, so a progress bar is many
// lines), and without control sequences unless it names \x1b itself; ^ and $ are the line's ends.
// No match reaches across lines: a pattern that needs "\n" is refused at setup. A line over 64 KiB
// is read in windows of 64 KiB that overlap by half. The group's text, trimmed, must be one value;
// a match where it is not is passed over. A unit right behind the group in the line is the value's:
// "took ([0-9.]+)" reads "took 1.5 s" as 1.5 s. So is an exponent, where the pattern ends with its
// group.
//
// **By name**, without a pattern: the metric's name as a whole token counts, in either case: the
// name, or the name in quotes as a key; perhaps its unit in brackets ("latency (ms)"); blanks; ':',
// '=', '->', a table's bar, dots ("f1 ..... 0.9"), a dash between blanks, or nothing; blanks; the
// value, which may be in quotes. `f1_score` is another token than `score`. Rows of tables are read
// so too: their first value, with the unit of a cell behind it or of pytest-benchmark's "(time in
// us)" above it; the one behind the count in Go's rows; after "time: [low estimate high]" of
// criterion the estimate; behind "... bench:" of cargo.
// A name that stands in the output without a value is no metric, and neither is one that is nowhere
// but has a near name with a number (metric_near_names.hpp) in the first or last 32 KiB. Only when
// it is nowhere and nothing is near, the fallbacks are tried on the first and last 8 KiB: "N
// passed", then score, result, metric, accuracy, loss and bpb by the same rules as the name; the
// reading then has a warning.
//
// **`pick`**: the last match counts unless the rule says first, max, min or median. The latter
// three are taken over the finite ones in the unit of the first (the median of up to 100,000
// exactly, of more over an even share of them).
//
// **In a file**, PATH relative to the workspace; the output is not looked at. "json:PATH#/pointer":
// an RFC 6901 pointer, whose steps may also be [name=TEXT], the element of a list whose member
// `name` is that text. Several documents, one a line (JSON Lines): the last line, or by `pick` over
// all lines that have the pointer. NaN and Infinity elsewhere in the file do not matter.
// "csv:PATH#column": the column of that name in the header row; the last row that is not empty
// there, or by `pick`. Cells may be quoted; ',' ';' or tab separates them.
//
// **Measured by Ratchet itself**, "@wall_s" and its like: the output is not looked at, see
// measured_metric.hpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/number_text.hpp"
#include "messages/failure.hpp"
#include "messages/settings.hpp"

namespace re2 {
class RE2;
}

namespace ratchet {

/// What was found. `source` is "pattern", "name", "json", "csv", "measured" or "fallback:<word>";
/// it is empty when nothing matched. `missing` says in one sentence why there is no value.
struct metric_reading {
  std::optional<double> value;
  std::string source;
  std::string missing;
  std::string unit;                ///< as printed; empty: none
  std::string printed;             ///< the value's text
  std::string warning;             ///< what a person should know before believing the value
  std::vector<std::string> hints;  ///< with `missing`: one line each, what else could be read
};

/// A checked rule, ready for use from several threads; copies share the compiled pattern.
struct compiled_metric {
  metric_rule rule;
  std::string file_path;                    ///< set iff the rule reads a file
  std::string file_place;                   ///< the pointer ("" is the whole document) or column
  bool csv = false;                         ///< of the file
  std::shared_ptr<const re2::RE2> pattern;  ///< set iff the rule is a pattern
  /// In lower case: a line that has none of these cannot match. Empty: no such texts are known.
  std::vector<std::string> required_texts;
  lone_comma comma = lone_comma::thousands;
  std::string measured{};  ///< set iff Ratchet measures it itself: measured_metric.hpp

  bool reads_file() const { return !file_path.empty(); }
};

/// Refuses (`invalid_argument`, details.field "metric_pattern" or "metric_name") a pattern that
/// does not compile, has not exactly one group or needs a line break; a file's path that is
/// absolute or leaves the workspace; a pointer that is none; an empty name without a pattern.
expected<compiled_metric> compile_metric(const metric_rule& rule,
                                         lone_comma comma = lone_comma::thousands);

/// What "1,021" is in a command's output: ambiguous where `environment` (NAME=value or NAME, as in
/// the settings) sets a locale other than C.
lone_comma comma_in(const std::vector<std::string>& environment);

/// Reads one metric from the output of one run while it is printed. Several metrics of one run are
/// several scanners fed with the same chunks.
class metric_scanner {
 public:
  /// `window` is the length of the windows in which overlong lines are read; tests make it small.
  explicit metric_scanner(const compiled_metric& metric, std::size_t window = 64U << 10);
  ~metric_scanner();
  metric_scanner(metric_scanner&&) noexcept;
  metric_scanner& operator=(metric_scanner&&) noexcept;

  void consume(std::string_view chunk);
  /// The output has ended. For a metric in a file: see read_file_metric.
  metric_reading finish();

  class scan;

 private:
  std::unique_ptr<scan> scan_;
};

/// The value of a metric in a file; `bytes` is the file as the run left it, nothing when there is
/// none.
metric_reading read_file_metric(const compiled_metric& metric,
                                std::optional<std::string_view> bytes);

/// The reading with its value in `unit` ("": a plain number); without a value where that cannot be
/// had from the unit that was printed.
metric_reading in_unit(metric_reading reading, const std::string& unit);

/// "no metric: " and why, the hints, and the output's last lines: ≤ 20 lines, ≤ 4 KB, valid UTF-8.
std::string no_metric_text(const metric_reading& reading, std::string_view output_tail);

}  // namespace ratchet
