// SPDX-License-Identifier: MIT
#include "actors/logic/edit_match.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

/// Where `pattern` begins in `text`, overlapping places too, in one pass (Knuth, Morris, Pratt).
template <class Sequence>
std::vector<std::size_t> places_of(const Sequence& text, const Sequence& pattern) {
  std::vector<std::size_t> border(pattern.size() + 1), places;
  for (std::size_t i = 1, k = 0; i < pattern.size(); border[++i] = k) {
    while (k > 0 && pattern[i] != pattern[k]) k = border[k];
    if (pattern[i] == pattern[k]) ++k;
  }
  for (std::size_t i = 0, k = 0; i < text.size(); ++i) {
    while (k > 0 && (k == pattern.size() || text[i] != pattern[k])) k = border[k];
    if (text[i] == pattern[k]) ++k;
    if (k == pattern.size()) places.push_back(i + 1 - k);
  }
  return places;
}

/// The same for bytes, at the speed of the library where there is none.
std::vector<std::size_t> byte_places(std::string_view text, std::string_view pattern) {
  const void* first = ::memmem(text.data(), text.size(), pattern.data(), pattern.size());
  if (first == nullptr) return {};
  const auto skipped = static_cast<std::size_t>(static_cast<const char*>(first) - text.data());
  auto places = places_of(text.substr(skipped), pattern);
  for (std::size_t& place : places) place += skipped;
  return places;
}

/// 1-based, of places in their order.
std::vector<std::size_t> line_numbers(std::string_view content,
                                      const std::vector<std::size_t>& places) {
  std::vector<std::size_t> numbers;
  std::size_t line = 1, at = 0;
  for (std::size_t place : places) {
    for (; at < place; ++at) line += content[at] == '\n' ? 1 : 0;
    numbers.push_back(line);
  }
  return numbers;
}

enum class place { anywhere, line_start, word_start };

std::vector<std::size_t> occurrences(std::string_view content, std::string_view search,
                                     place where) {
  auto found = byte_places(content, search);
  auto elsewhere = [&](std::size_t at) {
    if (at == 0 || where == place::anywhere) return false;
    if (where == place::line_start) return content[at - 1] != '\n';
    return is_word(content[at - 1]) && is_word(search[0]);
  };
  found.erase(std::remove_if(found.begin(), found.end(), elsewhere), found.end());
  return found;
}

text_match exact(std::string_view content, std::string_view search, std::string_view replace,
                 const std::vector<std::size_t>& found) {
  text_match match;
  if (found.empty()) return match;
  if (found.size() > 1) {
    match.result = text_match::outcome::ambiguous;
    match.lines = line_numbers(content, found);
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

/// By how much the lines of `search` are shifted at line `at`, where they are but for that.
std::optional<shift> common_shift(const std::vector<text_line>& file, std::size_t at,
                                  const std::vector<text_line>& search, std::size_t& work) {
  std::optional<shift> common;
  for (std::size_t i = 0; i < search.size(); ++i, ++work) {
    std::string_view a = trimmed_right(file[at + i].text), b = search[i].text;
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

using lines_t = std::vector<text_line>;

/// A number for each line, the same for the same text.
class line_ids {
 public:
  explicit line_ids(bool without_indentation) : without_indentation_(without_indentation) {}
  std::vector<std::size_t> of(const lines_t& lines) {
    std::vector<std::size_t> ids;
    for (const auto& line : lines) {
      auto key = without_indentation_ ? trimmed(line.text) : trimmed_right(line.text);
      ids.push_back(ids_.emplace(key, ids_.size()).first->second);
    }
    return ids;
  }

 private:
  bool without_indentation_;
  std::unordered_map<std::string_view, std::size_t> ids_;
};

struct shifted_place {
  std::size_t at;
  shift by;
};

/// Comparing indentations is not done in one pass; a text made to be slow finds no place.
constexpr std::size_t most_shifts_tried = 20'000'000;

std::vector<shifted_place> places_of_lines(const lines_t& file, const lines_t& wanted,
                                           const lines_t& replace, bool may_shift) {
  line_ids ids(may_shift);
  const auto in_file = ids.of(file);
  std::vector<shifted_place> places;
  std::map<std::string, bool> can_be_shifted;
  std::size_t work = 0;
  for (std::size_t at : places_of(in_file, ids.of(wanted))) {
    auto by = may_shift ? common_shift(file, at, wanted, work) : shift{};
    if (work > most_shifts_tried) return {};
    if (!by) continue;
    auto [known, is_new] = can_be_shifted.emplace(by->removed, true);
    if (is_new) known->second = shifted(replace, *by, "\n").has_value();
    if (known->second) places.push_back({at, *by});
  }
  return places;
}

/// The edit that puts `replace` in the place of `count` lines.
text_match at_place(std::string_view content, const lines_t& file, const shifted_place& place,
                    std::size_t count, bool whole_lines, const lines_t& replace) {
  text_match match;
  match.result = text_match::outcome::unique;
  const text_line& first = file[place.at];
  const text_line& last = file[place.at + count - 1];
  std::string_view end = !first.end.empty() ? first.end : is_crlf(content) ? "\r\n" : "\n";
  match.replacement = shifted(replace, place.by, end).value_or("");
  match.lines = {place.at + 1};
  match.begin = static_cast<std::size_t>(first.text.data() - content.data());
  match.end = static_cast<std::size_t>(last.text.data() - content.data()) + last.text.size();
  if (!whole_lines) return match;
  match.end += last.end.size();
  // The file's last line had no end: neither has what replaces it.
  if (last.end.empty() && match.replacement.ends_with(end))
    match.replacement.resize(match.replacement.size() - end.size());
  return match;
}

text_match find_marked_text(std::string_view content, std::string_view search,
                            std::string_view replace) {
  const bool whole_lines = search.ends_with('\n');
  auto found = occurrences(content, search, whole_lines ? place::line_start : place::anywhere);
  text_match match = exact(content, search, replace, found);
  if (match.result != text_match::outcome::missing) return match;
  for (bool may_shift : {false, true}) {
    match = find_lines(content, search, replace, may_shift);
    if (match.result != text_match::outcome::missing) return match;
  }
  if (trimmed(search).empty()) return match;
  if (whole_lines) match = find_bytes(content, search, replace);
  if (match.result != text_match::outcome::missing) return match;
  return find_despite_slips(content, search, replace);
}

}  // namespace

text_match find_lines(std::string_view content, std::string_view search, std::string_view replace,
                      bool may_shift) {
  const auto file = split_lines(content), wanted = split_lines(search);
  bool all_blank = std::all_of(wanted.begin(), wanted.end(),
                               [](const text_line& l) { return trimmed(l.text).empty(); });
  if (all_blank || wanted.size() > file.size()) return {};
  const auto instead = split_lines(replace);
  const auto places = places_of_lines(file, wanted, instead, may_shift);
  if (places.size() == 1)
    return at_place(content, file, places[0], wanted.size(), search.ends_with('\n'), instead);
  text_match match;
  for (const auto& place : places) match.lines.push_back(place.at + 1);
  if (!places.empty()) match.result = text_match::outcome::ambiguous;
  return match;
}

text_match find_bytes(std::string_view content, std::string_view search, std::string_view replace) {
  return exact(content, search, replace, occurrences(content, search, place::word_start));
}

text_match find_text(std::string_view content, std::string_view search, std::string_view replace) {
  const bool of_file = content.starts_with(byte_order_mark);
  if (of_file == search.starts_with(byte_order_mark))
    return find_marked_text(content, search, replace);
  auto without = [](std::string_view text) {
    return text.substr(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  };
  if (without(search).empty()) return {};
  text_match match = find_marked_text(without(content), without(search), without(replace));
  const std::size_t skipped = of_file ? byte_order_mark.size() : 0;
  match.begin += skipped;
  match.end += skipped;
  return match;
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
