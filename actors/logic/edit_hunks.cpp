// SPDX-License-Identifier: MIT
#include "actors/logic/edit_hunks.hpp"

#include <algorithm>
#include <charconv>

#include "actors/logic/edit_match.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// More than this is not compared for one file: a text made to be slow is refused.
constexpr std::size_t most_compared = 20'000'000;

bool same(const text_line& line, std::string_view wanted, strictness how) {
  if (how == strictness::blanks) return trimmed_right(line.text) == trimmed_right(wanted);
  if (line.end != "\r\n") return wanted == line.text;
  return wanted.ends_with('\r') && wanted.substr(0, wanted.size() - 1) == line.text;
}

/// "@@ … @@ text" and "@@ text": the text, if it is one.
std::string_view anchor_of(std::string_view line) {
  line = trimmed(line.substr(std::min(line.find_first_not_of('@'), line.size())));
  while (line.ends_with('@')) line = trimmed_right(line.substr(0, line.size() - 1));
  return line == "..." || line == "…" ? std::string_view{} : line;
}

/// Goes on, or closes, a head of more than one line: "{", ") -> int:".
bool belongs_to_head(std::string_view line) {
  return line.starts_with('{') || line.starts_with(')');
}

std::string times_at(const std::vector<std::size_t>& places) {
  std::vector<std::size_t> numbers;
  for (std::size_t place : places) numbers.push_back(place + 1);
  return std::to_string(places.size()) + " times, at lines " + listed(numbers);
}

}  // namespace

hunk_header read_hunk_header(std::string_view line) {
  hunk_header header;
  std::size_t i = 2;
  auto number = [&](std::size_t& value) {
    auto [end, error] = std::from_chars(line.data() + i, line.data() + line.size(), value);
    if (error != std::errc{}) return false;
    i = static_cast<std::size_t>(end - line.data());
    return true;
  };
  auto range = [&](char sign, std::size_t& start, std::size_t& count) {
    while (i < line.size() && line[i] == ' ') ++i;
    if (i >= line.size() || line[i] != sign) return false;
    ++i;
    count = 1;
    if (!number(start)) return false;
    if (i < line.size() && line[i] == ',') {
      ++i;
      return number(count);
    }
    return true;
  };
  std::size_t new_start = 0;
  header.placed =
      range('-', header.old_start, header.old_count) && range('+', new_start, header.new_count);
  if (header.placed) return header;
  hunk_header loose;
  loose.anchor = anchor_of(line);
  return loose;
}

void add_lines(diff_hunk& hunk, const std::vector<text_line>& lines, std::size_t begin,
               std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    std::string_view line = lines[i].text;
    if (line.starts_with("\\")) {
      if (!hunk.lines.empty()) hunk.lines.back().final_break = false;
      continue;
    }
    bool has_sign = !line.empty() && (line[0] == ' ' || line[0] == '+' || line[0] == '-');
    diff_line parsed{has_sign ? line[0] : ' ', std::string(line.substr(has_sign ? 1 : 0)), true};
    if (lines[i].end == "\r\n") parsed.text += '\r';
    hunk.lines.push_back(std::move(parsed));
  }
}

hunk_finder::hunk_finder(std::string_view content)
    : content_(content), lines_(split_lines(content)) {
  for (std::size_t i = 0; i < lines_.size(); ++i)
    where_[trimmed_right(lines_[i].text)].push_back(i);
}

bool hunk_finder::tired() const { return work_ > most_compared; }

void hunk_finder::worked_on(std::size_t line) { work_ += 1 + lines_[line].text.size() / 32; }

bool hunk_finder::fits(const old_lines& old_side, std::size_t place, strictness by) {
  if (place > lines_.size() || old_side.size() > lines_.size() - place || tired()) return false;
  for (std::size_t i = 0; i < old_side.size(); ++i) {
    worked_on(place + i);
    if (!same(lines_[place + i], old_side[i]->text, by)) return false;
  }
  return true;
}

std::vector<std::size_t> hunk_finder::places_of(const old_lines& old_side, std::size_t from,
                                                strictness by) {
  // Where its rarest line is: most hunks have one that is there only once.
  const std::vector<std::size_t>* rarest = nullptr;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < old_side.size(); ++i) {
    auto found = where_.find(trimmed_right(old_side[i]->text));
    if (found == where_.end()) return {};
    if (rarest && rarest->size() <= found->second.size()) continue;
    rarest = &found->second;
    offset = i;
  }
  std::vector<std::size_t> places;
  auto first = std::lower_bound(rarest->begin(), rarest->end(), from + offset);
  for (auto line = first; line != rarest->end(); ++line)
    if (fits(old_side, *line - offset, by)) places.push_back(*line - offset);
  return places;
}

std::vector<std::size_t> hunk_finder::anchor_lines(std::string_view anchor,
                                                   const std::vector<bool>& inside) {
  using rule = bool (*)(std::string_view, std::string_view);
  constexpr rule rules[] = {
      [](std::string_view line, std::string_view a) { return line == a; },
      [](std::string_view line, std::string_view a) { return line.starts_with(a); },
      [](std::string_view line, std::string_view a) { return line.find(a) != line.npos; }};
  std::vector<std::size_t> found;
  for (rule is_meant : rules) {
    for (std::size_t i = 0; i < lines_.size() && !tired(); ++i) {
      worked_on(i);
      if ((inside.empty() || inside[i]) && is_meant(trimmed(lines_[i].text), anchor))
        found.push_back(i);
    }
    if (!found.empty()) break;
  }
  return found;
}

std::vector<bool> hunk_finder::blocks_of(const std::vector<std::size_t>& heads) {
  std::vector<bool> inside(lines_.size());
  for (std::size_t head : heads) {
    inside[head] = true;
    const std::size_t depth = indentation(lines_[head].text).size();
    for (std::size_t i = head + 1; i < lines_.size() && !tired(); ++i) {
      worked_on(i);
      std::string_view text = trimmed(lines_[i].text);
      bool out = !text.empty() && indentation(lines_[i].text).size() <= depth;
      if (out && !belongs_to_head(text) && text[0] != '}') break;
      inside[i] = true;
      if (out && text[0] == '}') break;
    }
  }
  return inside;
}

std::vector<bool> hunk_finder::anchored(const diff_hunk& hunk) {
  std::vector<bool> inside;
  for (const auto& anchor : hunk.anchors)
    if (auto heads = anchor_lines(anchor, inside); !heads.empty()) inside = blocks_of(heads);
  return inside;
}

hunk_place hunk_finder::chosen(const diff_hunk& hunk, const std::vector<std::size_t>& places) {
  const std::vector<bool> inside = anchored(hunk);
  std::vector<std::size_t> of_anchor, after;
  const auto first =
      static_cast<std::size_t>(std::find(inside.begin(), inside.end(), true) - inside.begin());
  for (std::size_t place : places) {
    if (!inside.empty() && inside[place]) of_anchor.push_back(place);
    if (inside.empty() || place >= first) after.push_back(place);
  }
  const auto& left = of_anchor.empty() ? after : of_anchor;
  if (left.size() == 1) return {left[0], strictness::bytes, ""};
  if (left.empty())
    return {0, strictness::bytes,
            "its lines occur only before its line \"@@ " + hunk.anchors.back() + "\""};
  return {
      0, strictness::bytes,
      (hunk.placed ? "its lines are not where the header says and occur " : "its lines occur ") +
          times_at(left) + "; add lines around it"};
}

hunk_place hunk_finder::find(const diff_hunk& hunk, const old_lines& old_side, std::size_t from,
                             std::size_t expected) {
  if (hunk.at_end && lines_.size() >= old_side.size()) expected = lines_.size() - old_side.size();
  for (strictness by : {strictness::bytes, strictness::blanks}) {
    if (expected >= from && fits(old_side, expected, by)) return {expected, by, ""};
    auto places = places_of(old_side, from, by);
    if (places.empty()) continue;
    hunk_place place = chosen(hunk, places);
    place.how = by;
    return place;
  }
  return {0, strictness::bytes, missing(old_side, hunk, from)};
}

hunk_place hunk_finder::find_insertion(const diff_hunk& hunk, std::size_t from,
                                       std::size_t expected) {
  if (hunk.placed && expected > lines_.size())
    return {0,
            {},
            "it adds lines after line " + std::to_string(hunk.old_start) + ", but the file has " +
                std::to_string(lines_.size())};
  if (hunk.placed) return {std::max(from, expected), {}, ""};
  if (hunk.at_end || lines_.empty()) return {lines_.size(), {}, ""};
  std::vector<std::size_t> heads;
  std::vector<bool> inside;
  for (const auto& anchor : hunk.anchors)
    if (heads = anchor_lines(anchor, inside); !heads.empty()) inside = blocks_of(heads);
  if (heads.size() == 1 && heads[0] + 1 >= from) return {heads[0] + 1, {}, ""};
  if (heads.size() > 1)
    return {0,
            {},
            "its line \"@@ " + hunk.anchors.back() + "\" occurs " + times_at(heads) +
                "; add lines of the file around what it adds"};
  return {0,
          {},
          "it has neither a line number nor a line of the file to find its place by; add "
          "lines around it"};
}

std::string hunk_finder::missing(const old_lines& old_side, const diff_hunk& hunk,
                                 std::size_t from) {
  if (tired()) return "its lines are too many and too much alike to be found; give the whole file";
  std::string wanted, instead;
  for (const auto* line : old_side) (wanted += line->text) += '\n';
  for (const auto& line : hunk.lines)
    if (line.kind != '-') (instead += line.text) += '\n';
  std::string why = from > 0 && !places_of(old_side, 0, strictness::blanks).empty()
                        ? "they are above the hunk before it; give hunks in the file's order"
                        : likely_cause(content_, wanted, instead);
  std::string near = nearest_lines(content_, wanted);
  return "its lines do not occur" +
         (from > 0 ? " after line " + std::to_string(from) : std::string()) +
         (why.empty() ? "" : " (" + why + ")") + "; " + (near.empty() ? "the file is empty" : near);
}

}  // namespace ratchet
