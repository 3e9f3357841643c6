// SPDX-License-Identifier: MIT
#include "actors/logic/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace ratchet {

namespace {

bool is_word_char(char c) { return is_digit(c) || is_letter(c) || c == '_'; }

constexpr std::string_view minus_sign = "\xE2\x88\x92";

/// What separates thousands in some languages, but for the comma: its length, 0 for none.
std::size_t typographic_separator(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && (text[0] & 0x80) == 0)) return 0;
  for (std::string_view s : {"\xE2\x80\xAF", "\xE2\x80\x89", "\xC2\xA0", "\xE2\x80\x99", "'"})
    if (text.starts_with(s)) return s.size();
  return 0;
}

/// Digits that go on after something that may separate thousands or be a decimal comma.
bool goes_on_doubtfully(std::string_view rest) {
  if (rest.size() > 1 && rest[0] == ',' && is_digit(rest[1])) return true;
  std::size_t n = typographic_separator(rest);
  return n > 0 && rest.size() > n + 2 && is_digit(rest[n]) && is_digit(rest[n + 1]) &&
         is_digit(rest[n + 2]);
}

number_text not_finite_word(std::string_view text, std::size_t sign) {
  constexpr std::array<std::string_view, 3> words{"infinity", "inf", "nan"};
  for (auto word : words) {
    if (text.size() < sign + word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size(); ++i) same &= ascii_lower(text[sign + i]) == word[i];
    if (!same || !ends_number(text.substr(sign + word.size()))) continue;
    return {number_kind::not_finite, 0, sign + word.size()};
  }
  return {};
}

}  // namespace

bool is_token_char(char c) { return is_word_char(c) || c == '.' || c == '-'; }

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

bool ends_number(std::string_view rest) {
  if (rest.empty()) return true;
  char next = rest[0];
  if (is_word_char(next)) return false;
  bool more = rest.size() > 1;
  if (next == '.') return !more || !is_word_char(rest[1]);  // the full stop of a sentence
  if (next == '-') return !more || !is_word_char(rest[1]);  // 2024-01-05
  if (next == ',' || next == ':') return !more || !is_digit(rest[1]);  // 1,2  12:30
  return true;
}

number_text number_prefix(std::string_view text, lone_comma comma) {
  text = text.substr(0, max_number_length + 8);
  std::size_t i = 0;
  bool negative = false;
  if (text.starts_with(minus_sign)) {
    negative = true;
    i = minus_sign.size();
  } else if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    negative = text[i++] == '-';
  }
  std::size_t sign = i;
  auto digits = [&] {
    std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
  };

  std::array<char, max_number_length + 10> plain;  // without sign and commas, for from_chars
  std::size_t n = 0;
  auto keep = [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k)
      if (text[k] != ',') plain[n++] = text[k];
  };
  std::size_t whole = digits(), groups = 0;
  if (whole >= 1 && whole <= 3) {  // 1,234,567
    auto group_follows = [&] {
      return i + 3 < text.size() && text[i] == ',' && is_digit(text[i + 1]) &&
             is_digit(text[i + 2]) && is_digit(text[i + 3]) &&
             (i + 4 == text.size() || !is_digit(text[i + 4]));
    };
    for (; group_follows(); ++groups) i += 4;
  }
  std::size_t fraction = 0;
  if (i < text.size() && text[i] == '.') {
    std::size_t dot = i++;
    fraction = digits();
    if (whole == 0 && fraction == 0) i = dot;
  }
  if (whole == 0 && fraction == 0) return not_finite_word(text, sign);
  bool dot = i > sign + whole + 4 * groups;
  bool doubtful =
      groups > 0 && (text[sign] == '0' || (groups == 1 && !dot && comma == lone_comma::ambiguous));
  if (doubtful || goes_on_doubtfully(text.substr(i))) {
    auto more = [&] {
      return i < text.size() && (is_digit(text[i]) || goes_on_doubtfully(text.substr(i)));
    };
    while (more())
      i += is_digit(text[i]) ? 1 : text[i] == ',' ? 1 : typographic_separator(text.substr(i));
    return {number_kind::ambiguous, 0, i};
  }
  std::size_t mantissa_end = i;
  if (i < text.size() && ascii_lower(text[i]) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) i = mantissa_end;
  }
  if (i > max_number_length) return {number_kind::not_finite, 0, max_number_length};
  if (text[sign] == '.') plain[n++] = '0';
  keep(sign, mantissa_end);
  if (n > 0 && plain[n - 1] == '.') --n;  // "5." and "5.e3"
  keep(mantissa_end, i);
  // from_chars takes no '+' in the exponent's place before C++23's rules are settled: it does, but
  // says out of range for too great and too small alike; only the first is not finite.
  double value = 0;
  auto [end, error] = std::from_chars(plain.data(), plain.data() + n, value);
  if (error == std::errc::result_out_of_range) {
    std::string_view exponent = text.substr(mantissa_end, i - mantissa_end);
    bool tiny = exponent.find('-') != std::string_view::npos;
    if (!tiny) return {number_kind::not_finite, 0, i};
    value = 0;
  } else if (error != std::errc{} || end != plain.data() + n) {
    return {};
  }
  if (!std::isfinite(value)) return {number_kind::not_finite, 0, i};
  return {number_kind::finite, negative ? -value : value, i};
}

number_text leading_number(std::string_view text, lone_comma comma) {
  number_text number = number_prefix(text, comma);
  bool endless = number.kind == number_kind::not_finite && number.length == max_number_length;
  // "5." before a word is no number either: "5.x" is a version.
  if (!endless && !ends_number(text.substr(number.length))) return {};
  return number;
}

number_text whole_number(std::string_view text, lone_comma comma) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  number_text number = leading_number(text, comma);
  if (number.kind == number_kind::none) return {};
  std::string_view rest = text.substr(number.length);
  // A token cut at the longest length is not finite whatever follows.
  if (number.length == max_number_length && number.kind == number_kind::not_finite) return number;
  if (!rest.empty() && rest != "%") return {};
  return number;
}

}  // namespace ratchet
