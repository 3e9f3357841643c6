// SPDX-License-Identifier: MIT
#include "actors/logic/metric_near_names.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "actors/logic/metric_scan.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool separates(char c) { return c == '_' || c == '-' || c == '.' || c == ' ' || c == '/'; }

std::string without_separators(std::string_view name) {
  std::string out = ascii_lower(name);
  std::erase_if(out, separates);
  return out;
}

/// Insertions, deletions, replacements and swaps of neighbours.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({row[j - 1] + 1, above[j] + 1,
                         above[j - 1] + (a[i - 1] == b[j - 1] ? std::size_t{0} : std::size_t{1})});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

bool has_part(std::string_view name, std::string_view part) {
  std::string lower = ascii_lower(name), wanted = ascii_lower(part);
  for (std::size_t at = lower.find(wanted); at != std::string::npos;
       at = lower.find(wanted, at + 1)) {
    bool starts = at == 0 || separates(lower[at - 1]);
    std::size_t end = at + wanted.size();
    if (starts && (end == lower.size() || separates(lower[end]))) return true;
  }
  return false;
}

bool is_name_char(char c) { return is_token_char(c) || c == '/'; }

}  // namespace

bool is_near(std::string_view asked, std::string_view other) {
  if (other.size() > 200) return false;
  std::string a = without_separators(asked), b = without_separators(other);
  if (a.empty() || b.empty()) return false;
  if (a == b || has_part(other, asked)) return true;
  if (a.size() >= 3 && b.find(a) != std::string::npos) return true;
  std::size_t longer = std::max(a.size(), b.size());
  std::size_t shorter = std::min(a.size(), b.size());
  std::size_t allowed = longer <= 3 ? 0 : longer <= 5 ? 1 : 2;
  return longer - shorter <= allowed && edits_between(a, b) <= allowed;
}

std::vector<numbered_name> names_with_numbers(std::string_view text, std::string_view asked,
                                              std::size_t most) {
  std::map<std::string, numbered_name> found;
  std::size_t word = std::string_view::npos;  // where the word before began, on the same line
  for (std::size_t i = 0; i < text.size();) {
    if (!is_name_char(text[i])) {
      if (text[i] != ' ' || (i > 0 && text[i - 1] == ' ')) word = std::string_view::npos;
      ++i;
      continue;
    }
    std::size_t begin = i;
    while (i < text.size() && is_name_char(text[i])) ++i;
    std::size_t end = i;
    while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == '/'))
      --end;
    auto name = text.substr(begin, end - begin);
    const std::size_t before = word;
    word = begin;
    if (name.size() > 128 || std::none_of(name.begin(), name.end(), is_letter)) continue;
    if (leading_value(name).kind != number_kind::none) continue;  // "12ms"
    auto value = value_named_at(text, begin, name.size(), lone_comma::thousands);
    if (value.value.kind != number_kind::finite) continue;
    numbered_name one;
    one.name = name;
    one.near = is_near(asked, name);
    if (!one.near && before != std::string_view::npos) {
      auto two = text.substr(before, end - before);  // "test loss" for "test_loss"
      if (without_separators(asked) == without_separators(two)) {
        one.name = two;
        one.near = true;
      }
    }
    one.printed = one_line(value.printed, 40);
    one.line = one_line(line_around(text, begin, name.size()), 160);
    if (found.size() >= most && !one.near && !found.contains(one.name)) continue;
    found[one.name] = std::move(one);
  }
  std::vector<numbered_name> names;
  const std::string wanted = without_separators(asked);
  for (auto& [name, one] : found) {
    one.distance = edits_between(wanted, without_separators(name));
    names.push_back(std::move(one));
  }
  std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return std::pair(!a.near, a.distance) < std::pair(!b.near, b.distance);
  });
  if (names.size() > most) names.resize(most);
  return names;
}

std::string pattern_for(std::string_view line, std::string_view name) {
  std::string lower = ascii_lower(line);
  std::size_t at = lower.rfind(ascii_lower(name));
  if (at == std::string::npos || name.empty()) return "";
  auto quoted = [](std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t blanks = 0;
      while (i + blanks < text.size() && (text[i + blanks] == ' ' || text[i + blanks] == '\t'))
        ++blanks;
      if (blanks > 0) out += "\\s+";
      i += blanks;
      std::size_t n = std::min(text.find_first_of(" \t", i), text.size()) - i;
      // RE2 quotes more than it must; what people read is better plain.
      for (char c : text.substr(i, n)) {
        bool special = std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos;
        out += special ? std::string("\\") + c : std::string(1, c);
      }
      i += n;
    }
    return out;
  };
  std::string_view written = line.substr(at, name.size());
  auto word = [](char c) { return is_digit(c) || is_letter(c) || c == '_'; };
  auto matches = [&](const std::string& pattern) {
    auto metric = compile_metric({"", pattern, metric_pick::last});
    if (!metric) return false;
    metric_scanner scanner(*metric);
    scanner.consume(line);
    return scanner.finish().value.has_value();
  };
  std::string start = word(written.front()) ? "\\b" : "";
  for (std::size_t i = at + name.size(); i < line.size() && i < at + name.size() + 60; ++i) {
    if (!is_digit(line[i]) && line[i] != '-' && line[i] != '.') continue;
    if (is_token_char(line[i - 1])) continue;
    auto value = leading_value(line.substr(i));
    if (value.kind != number_kind::finite) continue;
    auto ends = [&](std::size_t at_end) {
      return at_end >= line.size() || blank_length(line.substr(at_end)) > 0;
    };
    bool whole = ends(i + value.number_length) || ends(i + value.length);
    std::string pattern =
        start + quoted(line.substr(at, i - at)) + (whole ? "(\\S+)" : "([-+.0-9eE]+)");
    return matches(pattern) ? pattern : "";
  }
  // "1234 qps"
  std::size_t end = at;
  while (end > 0 && line[end - 1] == ' ') --end;
  std::size_t begin = end;
  while (begin > 0 && line[begin - 1] != ' ') --begin;
  if (end == at || whole_value(line.substr(begin, end - begin)).kind != number_kind::finite)
    return "";
  std::string pattern = "(\\S+)\\s+" + quoted(written) + (word(written.back()) ? "\\b" : "");
  return matches(pattern) ? pattern : "";
}

}  // namespace ratchet
