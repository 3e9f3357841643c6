// SPDX-License-Identifier: MIT
//
// Where slanted labels fit: beside their dot, inside the frame, on no other label.
#pragma once

#include <string>
#include <vector>

namespace ratchet::chart {

struct point {
  double x = 0;
  double y = 0;
};

struct frame {
  double left, top, right, bottom;
};

/// A text that wants a place. `weight`: the more, the sooner it is served.
struct wish {
  point at;
  std::string text;
  double weight = 0;
};

struct label {
  point at;  ///< the dot, with a little distance
  std::string text;
  double angle = 0;        ///< degrees, clockwise
  bool ends_here = false;  ///< the text ends at `at` instead of starting there
};

/// Gives at most `most` wishes a place, shortening a text when that helps; the others get none.
/// `line`: the corners of the best-so-far line and `dots` what was kept: both are kept clear where
/// possible, `faint` (what was discarded) is covered rather than that. `rising`: the line goes up.
std::vector<label> place_labels(std::vector<wish> wishes, const frame& inside,
                                const std::vector<point>& line, const std::vector<point>& dots,
                                const std::vector<point>& faint, bool rising, std::size_t most);

/// The first characters of a text, and "…" when there are more.
std::string shortened(const std::string& text, std::size_t characters);

}  // namespace ratchet::chart
