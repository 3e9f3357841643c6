// SPDX-License-Identifier: MIT
//
// Units as programs print them after a number, and what converts between them.
//
// Time (ns us µs ms s min h and their words), bytes (B kB KB MB GB TB by 1000, KiB MiB GiB by
// 1024), bits (bit kbit Mbit Mb …), both also a second (MB/s, Mbit/s, Mbps, Bytes/sec); the SI
// prefixes k M G T of other words, when those are something a time or an operation ("ops/s",
// "Mops/s", "tokens/s", "GFLOP/s", "ns/op", "ns/iter") or one of a few that stand alone (Hz, fps,
// FLOPS, ops, qps, IOPS, W, J); percent; x (a factor). "k", "M", "G", "T", "Ki", "Mi", "Gi" alone
// are no unit but part of a plain number.
//
// Some texts may mean two things ("kb" is 1000 bits or bytes): a unit is of the same kind as
// another when any of its meanings is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// One meaning of a unit: what it measures ("time", "byte/time", "op"), and how many of the kind's
/// own smallest unit it is. The kind of a plain number is "".
struct unit_meaning {
  std::string kind;
  double factor = 1;
};

/// All that `unit` can mean; "" and the bare prefixes are plain numbers. Empty: no known unit.
std::vector<unit_meaning> unit_meanings(std::string_view unit);

/// `value`, given in `from`, in `to` ("" is a plain number). Nothing: they are of different kinds,
/// or one is unknown; the same text is always the same unit.
std::optional<double> converted(double value, std::string_view from, std::string_view to);

/// Bytes of the unit at the start of `text`, 0 when there is none. It must end there as a token.
/// `spaced`: blanks stood before it. Then a single letter (and "min") must be the last thing of its
/// line, bracket or list, and a word with ':' or '=' behind it is the next name rather than a unit.
std::size_t unit_length(std::string_view text, bool spaced);

/// 1000 for "k", 1024 for "Ki"; 0 when `unit` is anything but a bare prefix.
double plain_prefix(std::string_view unit);

/// "took 1:02.5" and "1m02.5s" are seconds.
inline constexpr std::string_view unit_of_durations = "s";
/// Seconds that a word of time stands for ("min" 60, "h" 3600); 0: none.
double seconds_of(std::string_view word);

/// No unit that is longer is read.
inline constexpr std::size_t max_unit_length = 40;

}  // namespace ratchet
