// SPDX-License-Identifier: MIT
//
// Whether a text is a whole file, or a piece of one.
#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

using id_list = std::vector<std::size_t>;

/// The lines that are not blank, the same number for the same text.
id_list ids_of(std::string_view text, std::unordered_map<std::string_view, std::size_t>& known) {
  id_list ids;
  for (const auto& line : split_lines(text))
    if (auto key = trimmed(line.text); !key.empty())
      ids.push_back(known.emplace(key, known.size()).first->second);
  return ids;
}

/// How many lines both have, in whatever order.
std::size_t common_lines(const id_list& a, const id_list& b) {
  std::unordered_map<std::size_t, std::size_t> left;
  for (auto id : a) ++left[id];
  return static_cast<std::size_t>(std::count_if(b.begin(), b.end(), [&](auto id) {
    auto found = left.find(id);
    return found != left.end() && found->second > 0 && found->second-- > 0;
  }));
}

/// More than this is not compared line with line: two files of 100 000 lines are.
constexpr std::size_t most_words = 200'000'000;

/// The length of the longest common subsequence, 64 lines of `a` at a time (Hyyrö's bit vectors).
std::size_t lines_in_order(const id_list& a, const id_list& b) {
  const std::size_t words = (a.size() + 63) / 64;
  if (words * b.size() > most_words) return common_lines(a, b);
  std::unordered_map<std::size_t, std::vector<std::size_t>> where;
  for (std::size_t i = 0; i < a.size(); ++i) where[a[i]].push_back(i);
  std::vector<std::uint64_t> unmatched(words, ~std::uint64_t{0}), hits(words);
  for (auto id : b) {
    auto found = where.find(id);
    if (found == where.end()) continue;
    for (auto i : found->second) hits[i / 64] |= std::uint64_t{1} << (i % 64);
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t v = unmatched[w], u = v & hits[w], sum = v + u, with_carry = sum + carry;
      carry = (sum < v || with_carry < sum) ? 1 : 0;
      unmatched[w] = with_carry | (v & ~u);
    }
    for (auto i : found->second) hits[i / 64] = 0;
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    length += (unmatched[i / 64] >> (i % 64) & 1) == 0 ? 1 : 0;
  return length;
}

/// The new text begins with a line of the file other than its first, or ends with one other than
/// its last.
bool leaves_off(const id_list& file, const id_list& text) {
  auto has = [&](std::size_t id) { return std::find(file.begin(), file.end(), id) != file.end(); };
  return (text.front() != file.front() && has(text.front())) ||
         (text.back() != file.back() && has(text.back()));
}

}  // namespace

std::string why_no_whole_file(std::string_view file, std::string_view text) {
  std::unordered_map<std::string_view, std::size_t> known;
  const id_list old_lines = ids_of(file, known), new_lines = ids_of(text, known);
  if (old_lines.empty()) return "";
  if (std::string_view elision = elision_of(text, file); !elision.empty())
    return "it leaves lines out (" + shown(elision) + ")";
  const std::size_t kept = lines_in_order(old_lines, new_lines);
  const bool cut = !new_lines.empty() && leaves_off(old_lines, new_lines);
  if (2 * kept >= old_lines.size() && (!cut || 4 * kept >= 3 * old_lines.size())) return "";
  return "it has " + std::to_string(new_lines.size()) + " lines and keeps " + std::to_string(kept) +
         " of the file's " + std::to_string(old_lines.size());
}

}  // namespace ratchet
