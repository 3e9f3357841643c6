// SPDX-License-Identifier: MIT
#include "actors/logic/telling_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool says_something(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](unsigned char c) { return std::isalnum(c) || c >= 0x80; });
}

/// What the rest of the text only points at.
bool is_cause(std::string_view line) {
  constexpr std::array<std::string_view, 7> marks{": error: ",
                                                  ": fatal error: ",
                                                  "panicked at",
                                                  "undefined reference",
                                                  "ERROR: AddressSanitizer",
                                                  "terminate called",
                                                  "error["};
  return std::any_of(
             marks.begin(), marks.end(),
             [&](std::string_view mark) { return line.find(mark) != std::string_view::npos; }) ||
         line.starts_with("error: ");
}

}  // namespace

std::string telling_line(std::string_view error) {
  const auto lines = lines_of(error);
  const bool traceback = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line.find("Traceback (most recent call last)") != std::string_view::npos;
  });
  if (!traceback)
    if (auto cause = std::find_if(lines.begin(), lines.end(), is_cause); cause != lines.end())
      return one_line(*cause, 300);
  auto last = std::find_if(lines.rbegin(), lines.rend(), says_something);
  return last == lines.rend() ? "" : one_line(*last, 300);
}

}  // namespace ratchet
