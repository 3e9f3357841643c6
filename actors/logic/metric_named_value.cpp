// SPDX-License-Identifier: MIT
//
// The shapes in which tools print a name and its number.
#include <algorithm>
#include <array>

#include "actors/logic/metric_scan.hpp"
#include "actors/logic/metric_unit.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_separator = 160;

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

std::size_t skip_blanks(std::string_view text, std::size_t i) {
  while (i < text.size()) {
    std::size_t n = blank_length(text.substr(i));
    if (n == 0) break;
    i += n;
  }
  return std::min(i, text.size());
}

bool at_line_end(std::string_view text, std::size_t i) {
  return i >= text.size() || text[i] == '\n' || text[i] == '\r';
}

/// The border between two cells of a table, in ASCII or as box drawing; 0: none.
std::size_t bar_length(std::string_view text) {
  if (text.starts_with('|')) return 1;
  if (text.empty() || (text[0] & 0x80) == 0) return 0;
  for (std::string_view bar : {"\xE2\x94\x82", "\xE2\x94\x83", "\xE2\x95\x91"})
    if (text.starts_with(bar)) return bar.size();
  return 0;
}

/// "....", "…", ". . ." or "····" between a name and its number; one or two dots are none.
std::size_t leader_length(std::string_view text) {
  std::size_t i = 0;
  if (text.empty() || (text[0] != '.' && (text[0] & 0x80) == 0)) return 0;
  while (i < text.size()) {
    std::string_view rest = text.substr(i);
    if (rest.starts_with('.'))
      ++i;
    else if (rest.starts_with("\xC2\xB7"))
      i += 2;
    else if (rest.starts_with("\xE2\x80\xA6"))
      i += 3;
    else if (rest.starts_with(" ."))
      i += 2;
    else
      break;
  }
  return i >= 3 ? i : 0;
}

/// ':', '=', "->", "=>", a dash between blanks, a bar or a leader, with the blanks around them.
struct separator {
  std::size_t end = 0;
  bool blanks = false, mark = false, bar = false, leader = false;
};

separator separator_at(std::string_view text, std::size_t i) {
  separator s;
  std::size_t begin = i;
  i = skip_blanks(text, i);
  s.blanks = i > begin;
  std::string_view rest = text.substr(i);
  if (std::size_t n = leader_length(rest); n > 0) {
    s.mark = s.leader = true;
    i = skip_blanks(text, i + n);
    rest = text.substr(i);
  }
  if (!rest.empty() && rest[0] == ':') {
    // the most common of all
    s.mark = true;
    ++i;
    while (i < text.size() && (text[i] == ':' || text[i] == '=')) ++i;
  } else if (rest.starts_with("->") || rest.starts_with("=>")) {
    s.mark = true;
    i += 2;
  } else if (std::size_t n = bar_length(rest); n > 0) {
    s.mark = s.bar = true;
    i += n;
  } else if (s.blanks && !rest.empty() && (rest[0] & 0x80) != 0 &&
             (rest.starts_with("\xE2\x80\x93 ") || rest.starts_with("\xE2\x80\x94 "))) {
    s.mark = true;
    i += 3;
  } else {
    while (i < text.size() && (text[i] == ':' || text[i] == '=')) {
      s.mark = true;
      ++i;
    }
  }
  if (s.mark) i = skip_blanks(text, i);
  s.end = i;
  return s;
}

/// "(ms)" or "[ms]": the unit in it, and its length with the brackets; 0: none.
std::pair<std::string_view, std::size_t> bracketed_unit(std::string_view text) {
  if (text.empty() || (text[0] != '(' && text[0] != '[')) return {};
  std::size_t close = text.substr(0, max_unit_length).find(text[0] == '(' ? ')' : ']');
  if (close == std::string_view::npos) return {};
  auto inside = text.substr(1, close - 1);
  bool time_in = inside.starts_with("in ");
  if (time_in) inside.remove_prefix(3);
  if (inside.empty() || plain_prefix(inside) > 0 || unit_meanings(inside).empty()) return {};
  return {inside, close + 1};
}

/// "[12.345 ns 12.400 ns 12.500 ns]": an estimate between its bounds.
printed_value estimate_in(std::string_view text, std::size_t& begin) {
  if (!text.starts_with('[')) return {};
  std::array<printed_value, 3> values;
  std::array<std::size_t, 3> at{};
  std::size_t i = 1;
  for (std::size_t k = 0; k < values.size(); ++k) {
    i = skip_blanks(text, i);
    values[k] = leading_value(text.substr(i));
    if (values[k].kind != number_kind::finite || values[k].unit.empty() || values[k].unit == "%")
      return {};
    at[k] = i;
    i += values[k].length;
  }
  if (!text.substr(skip_blanks(text, i)).starts_with(']')) return {};
  begin = at[1];
  return values[1];
}

/// A row of Go's benchmarks has the count of repetitions first: "1000000   1234 ns/op".
bool moves_past_count(std::string_view ahead, std::size_t& start, printed_value& value) {
  if (value.kind != number_kind::finite || !value.unit.empty()) return false;
  if (ahead.substr(start, value.length).find_first_not_of("0123456789") != std::string_view::npos)
    return false;
  std::size_t next = skip_blanks(ahead, start + value.length);
  printed_value per = leading_value(ahead.substr(next));
  if (per.kind != number_kind::finite || !per.unit.ends_with("/op")) return false;
  start = next;
  value = std::move(per);
  return true;
}

/// "<3", "~1.2": a bound or a guess, no number.
std::size_t doubtful_sign(std::string_view text) {
  for (std::string_view sign :
       {"<=", ">=", "<", ">", "~", "\xE2\x89\x88", "\xE2\x89\xA4", "\xE2\x89\xA5"})
    if (text.starts_with(sign)) {
      std::size_t at = skip_blanks(text, sign.size());
      return leading_value(text.substr(at)).kind == number_kind::finite ? at : 0;
    }
  return 0;
}

/// A cell of its own for the unit: "| latency | 1.5 | ms |".
std::string_view unit_in_next_cell(std::string_view text) {
  std::size_t i = skip_blanks(text, 0), n = bar_length(text.substr(i));
  if (n == 0) return {};
  i = skip_blanks(text, i + n);
  std::size_t length = unit_length(text.substr(i), false);
  std::string_view unit = text.substr(i, length);
  if (length == 0 || plain_prefix(unit) > 0) return {};
  i = skip_blanks(text, i + length);
  return at_line_end(text, i) || bar_length(text.substr(i)) > 0 ? unit : std::string_view{};
}

}  // namespace

std::string_view line_around(std::string_view text, std::size_t at, std::size_t name_length) {
  std::size_t begin = at, end = std::min(text.size(), at + name_length);
  const std::size_t first = at > named_before ? at - named_before : 0;
  const std::size_t last = std::min(text.size(), at + name_length + longest_separator);
  while (begin > first && !at_line_end(text, begin - 1)) --begin;
  while (end < last && !at_line_end(text, end)) ++end;
  return text.substr(begin, end - begin);
}

named_value value_named_at(std::string_view text, std::size_t at, std::size_t name_length,
                           lone_comma comma) {
  const char before = at > 0 ? text[at - 1] : ' ';
  const std::string_view ahead = text.substr(at, name_length + named_after);
  named_value result;
  result.end = at + 1;
  if (is_token_char(before)) return result;

  std::size_t i = name_length;
  const bool quoted = is_quote(before) && i < ahead.size() && ahead[i] == before;
  if (quoted) ++i;
  // "val_loss", "scores" and "score.mean" are other names; "score..... 3" and "score->3" are not.
  const std::string_view behind = ahead.substr(i);
  if (!quoted && !behind.empty() && is_token_char(behind[0]) && !behind.starts_with("->") &&
      leader_length(behind) == 0 && !ends_number(behind))
    return result;
  result.token = true;

  std::string_view front_unit;
  // The unit may be in the name itself, as in "p99 (ms)".
  if (char last = ahead[name_length - 1]; last == ')' || last == ']') {
    std::size_t open = ahead.substr(0, name_length).rfind(last == ')' ? '(' : '[');
    if (open != std::string_view::npos) front_unit = bracketed_unit(ahead.substr(open)).first;
  }
  std::size_t unit_at = skip_blanks(ahead, i);
  if (auto [unit, length] = bracketed_unit(ahead.substr(unit_at)); length > 0) {
    front_unit = unit;
    i = unit_at + length;
  }
  separator s = separator_at(ahead.substr(0, i + longest_separator), i);
  result.ends_line = !s.mark && at_line_end(ahead, s.end);
  std::size_t start = s.end;
  printed_value value;
  // criterion: "NAME   time:   [low estimate high]", on a line of its own after a long name.
  if (!s.mark) {
    std::size_t word = start;
    while (word < ahead.size() && (ahead[word] == '\r' || ahead[word] == '\n') && word < start + 2)
      ++word;
    word = skip_blanks(ahead, word);
    for (std::string_view what : {"time:", "thrpt:"})
      if (ahead.substr(word).starts_with(what)) {
        std::size_t list = skip_blanks(ahead, word + what.size()), middle = 0;
        value = estimate_in(ahead.substr(list), middle);
        if (value.kind != number_kind::none) start = list + middle;
      }
  }
  if (value.kind == number_kind::none && ahead.substr(start).starts_with('[')) {
    std::size_t middle = 0;
    value = estimate_in(ahead.substr(start), middle);
    if (value.kind != number_kind::none) start += middle;
  }
  char around = '\0';
  if (value.kind == number_kind::none) {
    if (!s.mark && !s.blanks) return result;
    // "test NAME ... bench:  1,234 ns/iter" always separates thousands.
    if (s.leader)
      for (std::string_view word : {"bench:", "Passed "})
        if (ahead.substr(start).starts_with(word)) {
          start = skip_blanks(ahead, start + word.size());
          comma = lone_comma::thousands;
        }
    around = start < ahead.size() && is_quote(ahead[start]) ? ahead[start] : '\0';
    if (around != '\0') ++start;
    if (start >= ahead.size()) return result;
    value = leading_value(ahead.substr(start), comma);
    if (value.kind == number_kind::none) {
      std::size_t sign = doubtful_sign(ahead.substr(start));
      if (sign == 0) return result;
      value.kind = number_kind::ambiguous;
      value.length = sign + leading_value(ahead.substr(start + sign)).length;
    }
    if (!s.mark) moves_past_count(ahead, start, value);
  }
  const std::size_t close = start + value.length;
  if (around != '\0' && (close >= ahead.size() || ahead[close] != around)) return result;
  if (value.unit.empty() && value.kind == number_kind::finite) {
    // "latency (ms): 1.5", "latency: 1.5 [ms]", "| latency | 1.5 | ms |"
    auto behind_it = bracketed_unit(ahead.substr(skip_blanks(ahead, close))).first;
    if (!front_unit.empty())
      value.unit = front_unit;
    else if (!behind_it.empty())
      value.unit = behind_it;
    else if (s.bar)
      value.unit = unit_in_next_cell(ahead.substr(close));
  }
  result.table_row = !s.mark;
  result.value = std::move(value);
  result.printed = ahead.substr(start, std::min<std::size_t>(result.value.length, 64));
  result.end = at + start + result.value.number_length;
  return result;
}

}  // namespace ratchet
