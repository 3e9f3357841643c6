// SPDX-License-Identifier: MIT
#include "actors/logic/lessons.hpp"

#include <algorithm>
#include <cctype>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_lessons = 20;
constexpr std::size_t most_iterations = 10;

/// Letters and digits alone, so that a full stop makes no other lesson.
std::string core_of(const std::string& text) {
  std::string core;
  for (unsigned char c : text)
    if (std::isalnum(c) || c >= 0x80) core += static_cast<char>(std::tolower(c));
  return core;
}

}  // namespace

void learn(std::vector<lesson>& known, const std::string& said, int iteration) {
  const std::string text = one_line(valid_utf8(said), 200);
  const std::string core = core_of(text);
  if (core.empty()) return;
  auto same = std::find_if(known.begin(), known.end(),
                           [&](const lesson& l) { return core_of(l.text) == core; });
  if (same == known.end()) same = known.insert(known.end(), lesson{text, {}});
  auto& iterations = same->iterations;
  iterations.push_back(iteration);
  if (iterations.size() > most_iterations) iterations.erase(iterations.begin());
  std::stable_sort(known.begin(), known.end(), [](const lesson& a, const lesson& b) {
    if (a.iterations.size() != b.iterations.size())
      return a.iterations.size() > b.iterations.size();
    return a.iterations.back() > b.iterations.back();
  });
  if (known.size() > most_lessons) known.resize(most_lessons);
}

}  // namespace ratchet
