// SPDX-License-Identifier: MIT
#include "actors/logic/edit_match.hpp"

#include <algorithm>
#include <optional>

#include "actors/logic/edit_lines.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t npos = std::string_view::npos;

std::size_t line_number(std::string_view content, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(content.begin(), content.begin() + at, '\n'));
}

bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

enum class place { anywhere, line_start, word_start };

std::vector<std::size_t> occurrences(std::string_view content, std::string_view search,
                                     place where) {
  std::vector<std::size_t> found;
  for (std::size_t at = content.find(search); at != npos; at = content.find(search, at + 1)) {
    if (where == place::line_start && at > 0 && content[at - 1] != '\n') continue;
    if (where == place::word_start && at > 0 && is_word(content[at - 1]) && is_word(search[0]))
      continue;
    found.push_back(at);
  }
  return found;
}

text_match exact(std::string_view content, std::string_view search, std::string_view replace,
                 const std::vector<std::size_t>& found) {
  text_match match;
  if (found.empty()) return match;
  if (found.size() > 1) {
    match.result = text_match::outcome::ambiguous;
    for (std::size_t at : found) match.lines.push_back(line_number(content, at));
    return match;
  }
  match.result = text_match::outcome::unique;
  match.begin = found[0];
  match.end = found[0] + search.size();
  // A search text with line breaks shows that its author knows how the file's lines end.
  bool adapt = search.find('\n') == npos && is_crlf(content);
  match.replacement = adapt ? with_line_ends(replace, "\r\n") : std::string(replace);
  return match;
}

/// How the indentation of a file's lines differs from that of the search text.
struct shift {
  std::string added, removed;
};

std::optional<shift> shift_of(std::string_view file_line, std::string_view search_line) {
  std::string_view in_file = indentation(file_line), in_search = indentation(search_line);
  if (in_file.ends_with(in_search))
    return shift{std::string(in_file.substr(0, in_file.size() - in_search.size())), ""};
  if (in_search.ends_with(in_file))
    return shift{"", std::string(in_search.substr(0, in_search.size() - in_file.size()))};
  return std::nullopt;
}

/// The lines of `search` at line `at`: nothing, or by how much they are shifted.
std::optional<shift> lines_match(const std::vector<text_line>& file, std::size_t at,
                                 const std::vector<text_line>& search, bool may_shift) {
  std::optional<shift> common;
  for (std::size_t i = 0; i < search.size(); ++i) {
    std::string_view a = trimmed_right(file[at + i].text), b = trimmed_right(search[i].text);
    if (!may_shift) {
      if (a != b) return std::nullopt;
      continue;
    }
    if (trimmed(a) != trimmed(b)) return std::nullopt;
    if (a.empty()) continue;
    auto s = shift_of(a, b);
    if (!s || (common && (s->added != common->added || s->removed != common->removed)))
      return std::nullopt;
    common = s;
  }
  return common ? common : shift{};
}

/// The replacement shifted like the lines that were found; nothing when a line cannot be.
std::optional<std::string> shifted(const std::vector<text_line>& replace, const shift& by,
                                   std::string_view end) {
  std::string out;
  for (const auto& line : replace) {
    std::string_view text = line.text;
    bool blank = trimmed(text).empty();
    if (!by.removed.empty() && !blank) {
      if (!text.starts_with(by.removed)) return std::nullopt;
      text.remove_prefix(by.removed.size());
    }
    if (!blank) out += by.added;
    out += text;
    if (!line.end.empty()) out += end;
  }
  return out;
}

text_match by_lines(std::string_view content, std::string_view search, std::string_view replace,
                    bool may_shift) {
  text_match match;
  const auto file = split_lines(content), wanted = split_lines(search);
  const bool whole_lines = search.ends_with('\n');
  if (wanted.size() > file.size()) return match;
  bool all_blank = std::all_of(wanted.begin(), wanted.end(),
                               [](const text_line& l) { return trimmed(l.text).empty(); });
  if (all_blank) return match;

  for (std::size_t at = 0; at + wanted.size() <= file.size(); ++at) {
    auto by = lines_match(file, at, wanted, may_shift);
    if (!by) continue;
    const text_line& first = file[at];
    const text_line& last = file[at + wanted.size() - 1];
    std::string_view end = !first.end.empty() ? first.end : is_crlf(content) ? "\r\n" : "\n";
    auto text = shifted(split_lines(replace), *by, end);
    if (!text) continue;
    match.lines.push_back(at + 1);
    match.begin = static_cast<std::size_t>(first.text.data() - content.data());
    match.end = static_cast<std::size_t>(last.text.data() - content.data()) + last.text.size();
    if (whole_lines) {
      match.end += last.end.size();
      // The file's last line had no end: neither has what replaces it.
      if (last.end.empty() && text->ends_with(end)) text->resize(text->size() - end.size());
    }
    match.replacement = std::move(*text);
  }
  if (match.lines.size() == 1) match.result = text_match::outcome::unique;
  if (match.lines.size() > 1) match.result = text_match::outcome::ambiguous;
  return match;
}

}  // namespace

text_match find_text(std::string_view content, std::string_view search, std::string_view replace) {
  const bool whole_lines = search.ends_with('\n');
  auto found = occurrences(content, search, whole_lines ? place::line_start : place::anywhere);
  text_match match = exact(content, search, replace, found);
  if (match.result != text_match::outcome::missing) return match;
  for (bool may_shift : {false, true}) {
    match = by_lines(content, search, replace, may_shift);
    if (match.result != text_match::outcome::missing) return match;
  }
  if (!whole_lines || trimmed(search).empty()) return match;
  return exact(content, search, replace, occurrences(content, search, place::word_start));
}

std::string nearest_lines(std::string_view content, std::string_view search) {
  const auto file = split_lines(content);
  auto wanted = split_lines(search);
  while (!wanted.empty() && trimmed(wanted.front().text).empty()) wanted.erase(wanted.begin());
  if (file.empty() || wanted.empty()) return "";
  // The first lines are enough to find the place, and keep this linear for great texts.
  wanted.resize(std::min<std::size_t>(wanted.size(), 20));
  auto likeness = [](std::string_view a, std::string_view b) {
    a = trimmed(a);
    b = trimmed(b);
    if (a == b) return a.empty() ? 0.1 : 2.0;
    std::size_t n = std::min(a.size(), b.size()), front = 0, back = 0;
    while (front < n && a[front] == b[front]) ++front;
    while (back < n - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
    std::size_t longest = std::max(a.size(), b.size());
    return longest == 0 ? 0 : static_cast<double>(front + back) / static_cast<double>(longest);
  };
  std::size_t best = 0;
  double best_score = -1;
  for (std::size_t at = 0; at < file.size(); ++at) {
    double score = 0;
    for (std::size_t i = 0; i < wanted.size() && at + i < file.size(); ++i)
      score += likeness(file[at + i].text, wanted[i].text);
    if (score > best_score) {
      best_score = score;
      best = at;
    }
  }
  std::size_t n = std::min({std::size_t{6}, wanted.size(), file.size() - best});
  std::string out = n == 1 ? "nearest line is " + std::to_string(best + 1) + ":"
                           : "nearest lines are " + std::to_string(best + 1) + "-" +
                                 std::to_string(best + n) + ":";
  for (std::size_t i = best; i < best + n; ++i) {
    std::string text = valid_utf8(file[i].text);
    out += "\n" + std::to_string(i + 1) + "  " + std::string(utf8_prefix(text, 160));
  }
  return out;
}

std::string listed(const std::vector<std::size_t>& numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size() && i < 8; ++i)
    out += (i > 0 ? ", " : "") + std::to_string(numbers[i]);
  return numbers.size() > 8 ? out + ", …" : out;
}

}  // namespace ratchet
