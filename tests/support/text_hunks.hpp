// SPDX-License-Identifier: MIT
//
// What differs between two texts, as git shows it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "actors/logic/text.hpp"

namespace ratchet::testing {

inline std::string whole_as_hunk(const std::string& before, const std::string& now) {
  auto marked = [](const std::string& text, char mark, long& count) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++count) {
      auto end = std::min(text.find('\n', at), text.size());
      out += mark + text.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return out;
  };
  long old_lines = 0, new_lines = 0;
  auto lines = marked(before, '-', old_lines) + marked(now, '+', new_lines);
  return "@@ -1," + std::to_string(old_lines) + " +1," + std::to_string(new_lines) + " @@\n" +
         lines;
}

/// Where lines were changed in place, those that differ with three around them, as git shows
/// it; else the whole file as one hunk.
inline std::string hunks_between(const std::string& before, const std::string& now) {
  const auto a = lines_of(before), b = lines_of(now);
  if (a.size() != b.size()) return whole_as_hunk(before, now);
  constexpr std::size_t around = 3;
  std::vector<bool> shown(a.size() + 1);  // the last is past the end, and never shown
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i])
      for (auto n = i - std::min(i, around); n < std::min(a.size(), i + around + 1); ++n)
        shown[n] = true;
  std::string out;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!shown[i]) continue;
    const auto end = std::find(shown.begin() + static_cast<long>(i), shown.end(), false);
    const auto range =
        std::to_string(i + 1) + "," + std::to_string(end - shown.begin() - static_cast<long>(i));
    out += "@@ -" + range + " +" + range + " @@\n";
    for (; shown[i]; ++i)
      out += a[i] == b[i] ? " " + std::string(a[i]) + "\n"
                          : "-" + std::string(a[i]) + "\n+" + std::string(b[i]) + "\n";
  }
  return out;
}

}  // namespace ratchet::testing
