// SPDX-License-Identifier: MIT
//
// Why a text is not found in a file.
#include <algorithm>
#include <cstring>

#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_match.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// A replacement of fewer bytes is there by chance.
constexpr std::size_t telling_bytes = 4;

using view_rule = std::string (*)(std::string_view line);

std::string without_indentation(std::string_view line) { return std::string(trimmed(line)); }

std::string without_blanks(std::string_view line) {
  std::string out;
  for (char c : line)
    if (c != ' ' && c != '\t' && c != '\r') out += c;
  return out;
}

std::string in_lower_case(std::string_view line) { return ascii_lower(trimmed(line)); }

std::string in_plain_letters(std::string_view line) { return plain_typography(trimmed(line)); }

std::string seen_as(std::string_view text, view_rule seen) {
  std::string out;
  for (const auto& line : split_lines(text)) (out += seen(line.text)) += '\n';
  return out;
}

/// The first line where both are the same once seen through `seen`; 0 where they never are.
std::size_t line_if_seen_as(std::string_view content, std::string_view search, view_rule seen) {
  const std::string where = seen_as(content, seen), what = seen_as(search, seen);
  const std::string_view wanted = trimmed(what);
  if (wanted.empty()) return 0;
  const void* found = ::memmem(where.data(), where.size(), wanted.data(), wanted.size());
  if (found == nullptr) return 0;
  auto at = static_cast<const char*>(found) - where.data();
  return 1 + static_cast<std::size_t>(std::count(where.begin(), where.begin() + at, '\n'));
}

/// The line where `replace` stands, as whole lines; 0 where it does not.
std::size_t line_of_replacement(std::string_view content, std::string_view replace) {
  if (trimmed(replace).size() < telling_bytes) return 0;
  text_match match = find_lines(content, replace, "", false);
  return match.lines.empty() ? 0 : match.lines[0];
}

std::string on_line(std::size_t line) { return ", at line " + std::to_string(line); }

}  // namespace

std::string likely_cause(std::string_view content, std::string_view search,
                         std::string_view replace) {
  if (auto line = line_of_replacement(content, replace); line > 0 && replace != search)
    return "the replacement stands there already" + on_line(line);
  const auto lines = split_lines(search);
  for (const auto& line : lines)
    if (elision_in(line.text) != elision::none)
      return "it has an elision (" + shown(trimmed(line.text), 60) +
             "), which stands for none of the file's lines";
  if (numbered(search)) return "its lines begin with line numbers, which are not in the file";
  if (search.find(byte_order_mark) != std::string_view::npos)
    return "it has a byte order mark (U+FEFF)";
  const bool tabs = search.find('\t') != std::string_view::npos,
             tabs_of_file = content.find('\t') != std::string_view::npos;
  if (auto line = line_if_seen_as(content, search, without_indentation); line > 0)
    return (tabs != tabs_of_file ? "one is indented with tabs, the other with blanks"
                                 : "its lines are indented otherwise than the file's") +
           on_line(line);
  if (auto line = line_if_seen_as(content, search, without_blanks); line > 0)
    return "only blanks within its lines differ" + on_line(line);
  if (auto line = line_if_seen_as(content, search, in_lower_case); line > 0)
    return "only upper and lower case differ" + on_line(line);
  if (auto line = line_if_seen_as(content, search, in_plain_letters); line > 0)
    return "quotes, dashes or blanks of typography differ" + on_line(line);
  if (content.find('\r') != std::string_view::npos && content.find('\n') == std::string_view::npos)
    return "the file's lines end with a carriage return alone";
  return "";
}

}  // namespace ratchet
