// SPDX-License-Identifier: MIT
#include "actors/logic/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <numeric>

namespace ratchet {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Length of the valid UTF-8 sequence at the start of `s` (not empty), or 0.
std::size_t sequence_length(std::string_view s) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  unsigned char first = byte(0);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  std::size_t n = first >= 0xC2 && first <= 0xDF   ? 2
                  : (first & 0xF0) == 0xE0         ? 3
                  : first >= 0xF0 && first <= 0xF4 ? 4
                                                   : 0;
  if (n == 0 || s.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if (!is_continuation(s[i])) return 0;
  if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
  if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return n;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    std::size_t n = sequence_length(bytes);
    if (n == 0) {
      out += replacement;
      bytes.remove_prefix(1);
    } else {
      out += bytes.substr(0, n);
      bytes.remove_prefix(n);
    }
  }
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

std::string_view utf8_suffix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t begin = text.size() - max_bytes;
  while (begin < text.size() && is_continuation(text[begin])) ++begin;
  return text.substr(begin);
}

std::string one_line(std::string_view text, std::size_t max_characters) {
  std::string valid = valid_utf8(text);
  std::string out;
  std::size_t characters = 0;
  bool blank = false;
  for (char c : valid) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) {
      blank = !out.empty();
      continue;
    }
    bool starts = !is_continuation(c);
    if (starts && characters + (blank ? 1 : 0) >= max_characters) break;
    if (blank && starts) {
      out += ' ';
      ++characters;
      blank = false;
    }
    out += c;
    if (starts) ++characters;
  }
  return out;
}

std::string shown(std::string_view given, std::size_t max_characters) {
  std::string line = one_line(given, max_characters);
  bool cut = one_line(given, max_characters + 1).size() > line.size();
  return '"' + line + (cut ? "…\"" : "\"");
}

std::string_view trimmed_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string_view trimmed(std::string_view text) {
  text = trimmed_right(text);
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string rfc3339(std::int64_t ms) {
  std::int64_t rest = (ms % 1000 + 1000) % 1000;  // never negative, also before 1970
  std::time_t seconds = (ms - rest) / 1000;
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  std::array<char, 40> date{};
  std::size_t n = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &tm);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(rest));
  return std::string(date.data(), n) + fraction.data();
}

std::string shortest(double value) {
  std::array<char, 40> text{};
  auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), error == std::errc{} ? end : text.data()};
}

bool matches_topic(std::string_view pattern, std::string_view topic) {
  // Greedy with one point to go back to: linear but for pathological patterns.
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < topic.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == topic[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        std::size_t substitution = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, substitution});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

std::string listed(const std::vector<std::string>& texts, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < texts.size() && i < most; ++i)
    text += (i ? ", " : "") + one_line(texts[i]);
  if (texts.size() > most) text += ", … (" + std::to_string(texts.size() - most) + " more)";
  return text;
}

}  // namespace ratchet
