// SPDX-License-Identifier: MIT
#include <algorithm>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t context_lines = 3;

bool same_line(const text_line& a, const text_line& b) { return a.text == b.text; }

std::string range(std::size_t begin, std::size_t end) {
  const std::size_t count = end - begin;
  return std::to_string(count > 0 ? begin + 1 : begin) + "," + std::to_string(count);
}

void add_signed(std::string& out, char sign, const std::vector<text_line>& lines, std::size_t begin,
                std::size_t end) {
  for (; begin < end; ++begin) ((out += sign) += lines[begin].text) += '\n';
}

/// One hunk over all that differs: what is shown is a few lines most of the time.
std::string hunk_between(std::string_view before, std::string_view after) {
  const auto a = split_lines(before), b = split_lines(after);
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t front = 0, back = 0;
  while (front < most && same_line(a[front], b[front])) ++front;
  while (back < most - front && same_line(a[a.size() - 1 - back], b[b.size() - 1 - back])) ++back;
  const std::size_t begin = front - std::min(front, context_lines);
  const std::size_t below = std::min(back, context_lines);
  std::string out = "@@ -" + range(begin, a.size() - back + below) + " +" +
                    range(begin, b.size() - back + below) + " @@\n";
  add_signed(out, ' ', a, begin, front);
  add_signed(out, '-', a, front, a.size() - back);
  add_signed(out, '+', b, front, b.size() - back);
  add_signed(out, ' ', a, a.size() - back, a.size() - back + below);
  return out;
}

}  // namespace

std::string shown_as_diff(const file_contents& before, const std::vector<file_change>& changes) {
  std::string out;
  for (const auto& change : changes) {
    auto old = before.find(change.path);
    out += "--- " + (old == before.end() ? "/dev/null" : "a/" + one_line(change.path)) + "\n+++ " +
           (change.content ? "b/" + one_line(change.path) : "/dev/null") + "\n" +
           hunk_between(old == before.end() ? std::string_view{} : old->second,
                        change.content ? std::string_view(*change.content) : std::string_view{});
  }
  return valid_utf8(out);
}

}  // namespace ratchet
