// SPDX-License-Identifier: MIT
//
// A label where it fits: beside its dot, inside the frame, on no other label and no other dot. What
// gets none is in the tooltips and the table all the same.
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

/// One line of text that begins at `at`, its middle, or ends there.
struct label {
  point at;
  std::string text;
  bool ends_here = false;
};

/// Gives each wish a place, the weightiest first, or none.
std::vector<label> place_labels(std::vector<wish> wishes, const frame& inside,
                                const std::vector<point>& dots);

/// The first characters of a text, and "…" when there are more.
std::string shortened(const std::string& text, std::size_t characters);

}  // namespace ratchet::chart
