// SPDX-License-Identifier: MIT
#include "actors/logic/printed_value.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "actors/logic/metric_unit.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_blanks = 24;  // between a number and its unit, as in columns

std::size_t digits_at(std::string_view text, std::size_t i) {
  std::size_t n = 0;
  while (i + n < text.size() && is_digit(text[i + n])) ++n;
  return n;
}

std::size_t letters_at(std::string_view text, std::size_t i) {
  std::size_t n = 0;
  while (i + n < text.size() && is_letter(text[i + n])) ++n;
  return n;
}

/// "0m1.2s", "1h2m3s", "1m 20s", "1 min 20 s", "2 s 300 ms": whole numbers of ever smaller units,
/// but for the last, which may have a fraction. At least two.
printed_value parted_duration(std::string_view text) {
  double total = 0, before = 0;
  std::size_t i = 0, end = 0;
  int parts = 0;
  while (true) {
    std::size_t n = digits_at(text, i), dot = i + n;
    if (n == 0 || n > 9) break;
    bool fraction = dot < text.size() && text[dot] == '.' && digits_at(text, dot + 1) > 0;
    number_text number = number_prefix(text.substr(i));
    std::size_t at = fraction ? dot + 1 + digits_at(text, dot + 1) : dot;
    if (number.kind != number_kind::finite || i + number.length != at) break;
    bool spaced = at < text.size() && text[at] == ' ';
    std::size_t word = at + (spaced ? 1 : 0), length = letters_at(text, word);
    double seconds = seconds_of(text.substr(word, length));
    if (seconds == 0 || seconds < 1e-9) break;
    // Of the parts after the first, none is as much as one of the part before.
    if (parts > 0 && (seconds >= before || number.value * seconds >= before)) break;
    if (parts == 0 && fraction) break;
    std::size_t next = word + length;
    bool goes_on = !fraction && next < text.size();
    std::size_t gap = goes_on && text[next] == ' ' ? 1 : 0;
    if (!ends_number(text.substr(next)) && !(goes_on && is_digit(text[next]))) break;
    total += number.value * seconds;
    before = seconds;
    ++parts;
    end = next;
    if (!goes_on || digits_at(text, next + gap) == 0) break;
    i = next + gap;
  }
  if (parts < 2 || !ends_number(text.substr(end))) return {};
  return {number_kind::finite, total, std::string(unit_of_durations), end, end};
}

/// "1:02.5" and "1:02:03.25"; without a fraction it is as likely a time of day.
printed_value clock_duration(std::string_view text) {
  double total = 0;
  std::size_t i = 0;
  for (int parts = 0; parts < 3; ++parts) {
    std::size_t n = digits_at(text, i);
    if (n == 0 || n > 6 || (parts > 0 && n != 2)) return {};
    bool last = i + n < text.size() && text[i + n] == '.';
    number_text number = number_prefix(text.substr(i));
    if (number.kind != number_kind::finite || (!last && number.length != n)) return {};
    if (parts > 0 && number.value >= 60) return {};
    total = total * 60 + number.value;
    i += number.length;
    if (last) {
      if (parts == 0 || number.length < 4 || !ends_number(text.substr(i))) return {};
      return {number_kind::finite, total, std::string(unit_of_durations), i, i};
    }
    if (i >= text.size() || text[i] != ':') return {};
    ++i;
  }
  return {};
}

}  // namespace

std::size_t blank_length(std::string_view text) {
  if (text.empty()) return 0;
  auto c = static_cast<unsigned char>(text[0]);
  if (c == '\n' || c == '\r') return 0;
  if (c <= 0x20 || c == 0x7F) return 1;
  if (c < 0x80) return 0;
  for (std::string_view wide : {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"})
    if (text.starts_with(wide)) return wide.size();
  return 0;
}

printed_value leading_value(std::string_view text, lone_comma comma) {
  text = text.substr(0, max_value_length);
  if (std::size_t n = digits_at(text, 0); n > 0 && n + 1 < text.size()) {
    std::size_t word = n + (text[n] == ' ' ? 1 : 0);
    if (is_letter(text[word]))
      if (auto parted = parted_duration(text); parted.kind != number_kind::none) return parted;
    if (text[n] == ':')
      if (auto clock = clock_duration(text); clock.kind != number_kind::none) return clock;
  }
  number_text number = number_prefix(text, comma);
  printed_value result{number.kind, number.value, {}, number.length, number.length};
  if (number.kind != number_kind::finite) {
    bool endless = number.length == max_number_length && number.kind == number_kind::not_finite;
    if (number.kind == number_kind::not_finite && !endless &&
        !ends_number(text.substr(number.length)) &&
        unit_length(text.substr(number.length), false) == 0)
      return {};
    return result;
  }
  std::string_view rest = text.substr(number.length);
  std::size_t glued = text[number.length - 1] == '.' ? 0 : unit_length(rest, false);
  if (glued == 0 && !ends_number(rest)) return {};
  std::string_view unit = rest.substr(0, glued);
  std::size_t end = number.length + glued;
  if (double factor = plain_prefix(unit); factor > 0) {
    result.value *= factor;
    unit = {};
  }
  if (unit.empty()) {
    std::size_t at = end;
    while (at < end + most_blanks) {
      std::size_t n = blank_length(text.substr(at));
      if (n == 0) break;
      at += n;
    }
    std::size_t n = at > end ? unit_length(text.substr(at), true) : 0;
    unit = text.substr(at, n);
    if (double factor = plain_prefix(unit); factor > 0) {
      if (glued > 0)
        n = 0;  // "3k M" is no number
      else
        result.value *= factor;
      unit = {};
    }
    if (n > 0) end = at + n;
  }
  result.unit = unit;
  result.length = end;
  return result;
}

printed_value whole_value(std::string_view text, lone_comma comma) {
  while (std::size_t n = blank_length(text)) text.remove_prefix(n);
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  printed_value value = leading_value(text, comma);
  if (value.kind == number_kind::none) return {};
  // A token cut at the longest length is not finite whatever follows.
  if (value.length == max_number_length && value.kind == number_kind::not_finite) return value;
  if (value.length != text.size()) return {};
  return value;
}

}  // namespace ratchet
