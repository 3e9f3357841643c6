// SPDX-License-Identifier: MIT
//
// What an answer says around its edit.
#include <algorithm>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_regions.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Without "Hypothesis:", which may be bold or a heading of its own.
std::string_view without_label(std::string_view prose) {
  constexpr std::string_view label = "hypothesis";
  if (prose.size() <= label.size() || ascii_lower(prose.substr(0, label.size())) != label)
    return prose;
  std::string_view rest = prose.substr(label.size());
  std::size_t begin = rest.find_first_not_of("*_: ");
  if (begin == std::string_view::npos) return {};
  return rest.substr(0, begin).find(':') == std::string_view::npos ? prose : rest.substr(begin);
}

std::string_view without_marks(std::string_view line) {
  std::string_view prose = trimmed(line);
  while (!prose.empty() && std::string_view("#*>_ ").find(prose[0]) != std::string_view::npos)
    prose.remove_prefix(1);
  prose = without_label(prose);
  while (prose.ends_with("**") || prose.ends_with('#') || prose.ends_with(' '))
    prose.remove_suffix(prose.ends_with("**") ? 2 : 1);
  return prose;
}

/// A line that only names a file belongs to the block or text after it.
bool names_what_follows(const std::vector<text_line>& lines, const std::vector<region>& regions,
                        std::size_t i, std::string_view prose) {
  std::string_view bare = trimmed(prose);
  while (!bare.empty() && (bare.back() == ':' || bare.back() == '`')) bare.remove_suffix(1);
  if (bare.find(' ') != std::string_view::npos || named_file(lines[i].text, {}, true).empty())
    return false;
  std::size_t next = i + 1;
  while (next < lines.size() && trimmed(lines[next].text).empty()) ++next;
  return next < lines.size() && (regions[next] == region::fence || regions[next] == region::block);
}

}  // namespace

std::string hypothesis_line(std::string_view text) {
  const std::string said = without_thoughts(text);
  const auto lines = split_lines(said);
  const auto regions = regions_of(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (regions[i] != region::prose || !lesson_in(lines[i].text).empty()) continue;
    std::string_view prose = without_marks(lines[i].text);
    if (!prose.empty() && !names_what_follows(lines, regions, i, prose))
      return one_line(prose, 200);
  }
  return "";
}

std::string lesson_line(std::string_view text) {
  const std::string said = without_thoughts(text);
  const auto lines = split_lines(said);
  const auto regions = regions_of(lines);
  for (std::size_t i = lines.size(); i-- > 0;)
    if (regions[i] == region::prose)
      if (std::string lesson = one_line(lesson_in(lines[i].text), 200); !lesson.empty())
        return lesson;
  return "";
}

std::optional<std::string> only_fenced_text(std::string_view text) {
  std::optional<std::string> only;
  const auto lines = split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto open = fence_of(lines[i].text);
    if (!open) continue;
    std::string inside;
    bool closed = false;
    for (++i; i < lines.size() && !closed; ++i) {
      auto f = fence_of(lines[i].text);
      closed = f && f->sign == open->sign && f->ticks >= open->ticks && f->info.empty();
      if (closed) break;
      inside += lines[i].text;
      inside += lines[i].end;
    }
    if (!closed || only) return std::nullopt;
    only = std::move(inside);
  }
  return only;
}

edit_format detect_edit_format(std::string_view text) {
  const auto lines = split_lines(text);
  const auto regions = regions_of(lines);
  auto any = [&](region what) {
    return std::find(regions.begin(), regions.end(), what) != regions.end();
  };
  // A lone marker is a malformed block, and to be told so.
  if (any(region::block)) return edit_format::blocks;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (regions[i] == region::patch && lines[i].text.starts_with("*** ") &&
        lines[i].text.find(" File: ") < 16)
      return edit_format::patch;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (starts_diff(lines, i)) return edit_format::diff;
  if (any(region::patch)) return edit_format::patch;
  return only_fenced_text(text) ? edit_format::whole_file : edit_format::none;
}

}  // namespace ratchet
