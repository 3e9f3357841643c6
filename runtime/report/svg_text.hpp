// SPDX-License-Identifier: MIT
//
// Text fit to stand in an SVG document.
#pragma once

#include <string>
#include <string_view>

namespace ratchet::chart {

/// Valid UTF-8 with < > & " ' escaped, and what XML 1.0 forbids replaced by U+FFFD.
std::string escaped(std::string_view text);

}  // namespace ratchet::chart
