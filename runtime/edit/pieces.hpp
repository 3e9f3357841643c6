// SPDX-License-Identifier: MIT
//
// Views of source text: without quotes, and as RE2 wants them.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>

#include "actors/logic/text.hpp"

namespace ratchet {

inline re2::StringPiece piece(std::string_view s) { return {s.data(), s.size()}; }

inline bool finds(std::string_view s, const RE2& pattern) {
  return RE2::PartialMatch(piece(s), pattern);
}

/// Without the quotes around it, if they are there.
inline std::string unquoted(std::string_view s) {
  if (s.size() >= 2 && (s.front() == '"' || s.front() == '\'' || s.front() == '`') &&
      s.back() == s.front())
    s = s.substr(1, s.size() - 2);
  return std::string(s);
}

}  // namespace ratchet
