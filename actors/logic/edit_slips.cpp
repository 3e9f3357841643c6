// SPDX-License-Identifier: MIT
#include "actors/logic/edit_slips.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "actors/logic/edit_lines.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// How far the numbers may be from the file's: blocks before may have moved its lines.
constexpr std::size_t near_lines = 5;

bool found(const text_match& match) { return match.result != text_match::outcome::missing; }

text_match with_cause(std::string why) {
  text_match match;
  match.why = std::move(why);
  return match;
}

/// Whole lines as they are, else with another indentation.
text_match find_either(std::string_view content, std::string_view search,
                       std::string_view replace) {
  text_match match = find_lines(content, search, replace, false);
  return found(match) ? match : find_lines(content, search, replace, true);
}

std::size_t line_at(std::string_view content, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(
                 content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// -- line numbers ---------------------------------------------------------------------------------

struct numbered_line {
  std::size_t number = 0;
  char sign = ' ';
  std::string_view rest;  ///< after the sign
};

/// "12: x", "L12| x", "  12  x", "12\tx", "12→x".
std::optional<numbered_line> numbered_line_of(std::string_view line) {
  line.remove_prefix(indentation(line).size());
  if (line.starts_with('L')) line.remove_prefix(1);
  numbered_line out;
  std::size_t digits = 0;
  for (; digits < line.size() && digits < 8 && is_digit(line[digits]); ++digits)
    out.number = 10 * out.number + static_cast<std::size_t>(line[digits] - '0');
  if (digits == 0 || digits == 8) return std::nullopt;
  out.rest = line.substr(digits);
  if (out.rest.empty()) return out;
  std::string_view after = out.rest.substr(indentation(out.rest).size());
  for (std::string_view sign : {":", "|", ")", "→", "│"})
    if (after.starts_with(sign)) {
      out.sign = sign[0] == '\xE2' ? sign[2] : sign[0];
      out.rest = after.substr(sign.size());
      return out;
    }
  return out.rest[0] == ' ' || out.rest[0] == '\t' ? std::optional(out) : std::nullopt;
}

/// How many blanks every line has after its number; after a sign at most one is not the line's own.
std::size_t common_blanks(const std::vector<numbered_line>& lines) {
  std::size_t least = std::string::npos;
  for (const auto& line : lines)
    if (!trimmed(line.rest).empty())
      least = std::min(least, std::min(line.rest.find_first_not_of(' '), line.rest.size()));
  if (least == std::string::npos) return 0;
  // A tab after the number is all there is between.
  return lines[0].sign == ' ' ? std::max<std::size_t>(least, 1) : std::min<std::size_t>(least, 1);
}

/// The lines of a replacement without the numbers that `like` had; nothing where some lines have
/// them and some have not.
std::optional<std::string> without_numbers(std::string_view text, const numbered_lines& like) {
  std::string out;
  std::size_t with = 0, filled = 0;
  for (const auto& line : split_lines(text)) {
    auto n = numbered_line_of(line.text);
    bool carries = n && n->sign == like.sign;
    filled += trimmed(line.text).empty() ? 0 : 1;
    with += carries ? 1 : 0;
    if (carries) {
      std::size_t blanks = std::min(n->rest.find_first_not_of(" \t"), n->rest.size());
      out += n->rest.substr(std::min(like.blanks, blanks));
    }
    out += line.end;
  }
  if (with == 0) return std::string(text);
  return with == filled ? std::optional(out) : std::nullopt;
}

text_match without_line_numbers(std::string_view content, std::string_view search,
                                std::string_view replace) {
  const auto lines = numbered(search);
  if (!lines) return {};
  auto instead = without_numbers(replace, *lines);
  if (!instead)
    return with_cause("it has line numbers, and the replacement has them in some lines only");
  text_match match = find_either(content, lines->text, *instead);
  if (match.result != text_match::outcome::unique) return match;
  std::size_t line = line_at(content, match.begin);
  std::size_t off = line > lines->first ? line - lines->first : lines->first - line;
  if (off <= near_lines) return match;
  return with_cause("it has the line numbers " + std::to_string(lines->first) +
                    " and following, but its lines are at " + std::to_string(line));
}

// -- elisions -------------------------------------------------------------------------------------

/// What stands before, between and after the elisions, without blank lines beside them.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::vector<text_line>> parts(1);
  for (const auto& line : split_lines(text))
    if (elision_in(line.text) == elision::none)
      parts.back().push_back(line);
    else
      parts.emplace_back();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto blank = [](const text_line& l) { return trimmed(l.text).empty(); };
    auto begin = parts[i].begin(), end = parts[i].end();
    while (i > 0 && begin != end && blank(*begin)) ++begin;
    while (i + 1 < parts.size() && begin != end && blank(*(end - 1))) --end;
    out.emplace_back();
    for (; begin != end; ++begin) (out.back() += begin->text) += begin->end;
  }
  return out;
}

constexpr const char* elided =
    "it has an elision (\"...\"), which stands for none of the file's lines; write all lines out, "
    "or the same elision in both texts, between lines that occur once";

text_match around_elisions(std::string_view content, std::string_view search,
                           std::string_view replace) {
  const auto wanted = parts_of(search), instead = parts_of(replace);
  if (wanted.size() == 1) return {};
  if (wanted.size() != instead.size() || wanted.size() > 20) return with_cause(elided);
  text_match whole;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (trimmed(wanted[i]).empty()) return with_cause(elided);
    text_match part = find_either(content, wanted[i], instead[i]);
    bool in_order = i == 0 || part.begin >= whole.end;
    if (part.result != text_match::outcome::unique || !in_order) return with_cause(elided);
    if (i == 0) whole.begin = whole.end = part.begin;
    whole.replacement += content.substr(whole.end, part.begin - whole.end);
    whole.replacement += part.replacement;
    whole.end = part.end;
  }
  whole.result = text_match::outcome::unique;
  return whole;
}

// -- indentation ----------------------------------------------------------------------------------

/// Each line's indentation as tabs for `width` blanks, or as blanks for tabs; nothing where that
/// does not come out even.
std::optional<std::string> indented(std::string_view text, std::size_t width, bool as_tabs) {
  std::string out;
  for (const auto& line : split_lines(text)) {
    std::string_view indent = indentation(line.text);
    const std::size_t n = indent.size();
    if (as_tabs ? indent.find('\t') != std::string::npos || n % width != 0
                : indent.find(' ') != std::string::npos)
      return std::nullopt;
    out += as_tabs ? std::string(n / width, '\t') : std::string(n * width, ' ');
    (out += line.text.substr(n)) += line.end;
  }
  return out;
}

bool indents_with(std::string_view text, char sign) {
  const auto lines = split_lines(text);
  return std::any_of(lines.begin(), lines.end(),
                     [&](const text_line& l) { return l.text.starts_with(sign); });
}

text_match with_other_tabs(std::string_view content, std::string_view search,
                           std::string_view replace) {
  const bool as_tabs = indents_with(search, ' ');
  if (as_tabs == indents_with(search, '\t') || !indents_with(content, as_tabs ? '\t' : ' '))
    return {};
  for (bool may_shift : {false, true})
    for (std::size_t width : {4, 2, 8, 3}) {
      auto wanted = indented(search, width, as_tabs), instead = indented(replace, width, as_tabs);
      if (!wanted || !instead) continue;
      text_match match = find_lines(content, *wanted, *instead, may_shift);
      if (found(match)) return match;
    }
  return {};
}

// -- typography and line ends ---------------------------------------------------------------------

text_match with_plain_typography(std::string_view content, std::string_view search,
                                 std::string_view replace) {
  const std::string wanted = plain_typography(search);
  if (wanted == search) return {};
  const std::string instead = plain_typography(replace);
  text_match match = find_either(content, wanted, instead);
  return found(match) ? match : find_bytes(content, wanted, instead);
}

/// Over a line break within lines, which the comparison of whole lines does not see.
text_match with_carriage_returns(std::string_view content, std::string_view search,
                                 std::string_view replace) {
  if (content.find("\r\n") == std::string::npos || search.find('\n') == std::string::npos)
    return {};
  return find_bytes(content, with_line_ends(search, "\r\n"), with_line_ends(replace, "\r\n"));
}

}  // namespace

std::optional<numbered_lines> numbered(std::string_view text) {
  std::vector<numbered_line> parts;
  const auto lines = split_lines(text);
  for (const auto& line : lines) {
    auto part = numbered_line_of(line.text);
    // A file's empty line may come without its number.
    if (!part && trimmed(line.text).empty() && !parts.empty())
      part = {parts.back().number + 1, parts[0].sign, {}};
    if (part && part->rest.empty() && !parts.empty()) part->sign = parts[0].sign;
    if (!part) return std::nullopt;
    if (!parts.empty() && (part->sign != parts[0].sign || part->number != parts.back().number + 1))
      return std::nullopt;
    parts.push_back(*part);
  }
  if (parts.empty()) return std::nullopt;
  numbered_lines out{parts[0].number, {}, parts[0].sign, common_blanks(parts)};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.text += parts[i].rest.substr(std::min(out.blanks, parts[i].rest.size()));
    out.text += lines[i].end;
  }
  return out;
}

std::string plain_typography(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 14> signs{{{"“", '"'},
                                                                     {"”", '"'},
                                                                     {"„", '"'},
                                                                     {"‟", '"'},
                                                                     {"‘", '\''},
                                                                     {"’", '\''},
                                                                     {"‚", '\''},
                                                                     {"′", '\''},
                                                                     {"–", '-'},
                                                                     {"—", '-'},
                                                                     {"−", '-'},
                                                                     {"‑", '-'},
                                                                     {"\u00A0", ' '},
                                                                     {"\u202F", ' '}}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    auto sign = static_cast<unsigned char>(text[i]) < 0x80
                    ? signs.end()
                    : std::find_if(signs.begin(), signs.end(),
                                   [&](const auto& s) { return rest.starts_with(s.first); });
    out += sign == signs.end() ? text[i] : sign->second;
    i += sign == signs.end() ? 1 : sign->first.size();
  }
  return out;
}

text_match find_despite_slips(std::string_view content, std::string_view search,
                              std::string_view replace) {
  std::string why;
  for (auto undone : {without_line_numbers, around_elisions, with_other_tabs, with_plain_typography,
                      with_carriage_returns}) {
    text_match match = undone(content, search, replace);
    if (found(match)) return match;
    if (why.empty()) why = std::move(match.why);
  }
  return with_cause(std::move(why));
}

}  // namespace ratchet
