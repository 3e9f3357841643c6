// SPDX-License-Identifier: MIT
//
// From values to places on paper: ranges, round ticks, numbers as text. Pure arithmetic.
#pragma once

#include <string>
#include <vector>

namespace ratchet::chart {

struct range {
  double low = 0;
  double high = 1;
  bool holds(double v) const { return v >= low && v <= high; }
};

/// Linear, from a range of values to one of units; `to.low` may be the greater.
struct scale {
  range from;
  range to;
  double operator()(double v) const {
    return to.low + (v - from.low) / (from.high - from.low) * (to.high - to.low);
  }
};

/// What the y axis shows: everything in `core` (never empty), and of `others` what is not so far
/// out that the core would be squeezed. Not padded. A span of zero is possible.
range visible_range(const std::vector<double>& core, const std::vector<double>& others);

/// Some room around: `below` and `above` are shares of the span; a span of zero becomes one.
range padded(range r, double below, double above);

struct tick {
  double value;
  std::string text;
};
/// At most about `wanted` ticks at 1, 2 or 5 times a power of ten; of whole numbers only, if asked.
std::vector<tick> ticks(range r, int wanted, bool whole = false);

/// A number as people write it: at most 6 significant digits.
std::string readable(double value);
/// A coordinate: one decimal, never in the locale's way.
std::string unit(double value);

}  // namespace ratchet::chart
