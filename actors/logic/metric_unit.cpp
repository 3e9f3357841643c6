// SPDX-License-Identifier: MIT
#include "actors/logic/metric_unit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/logic/number_text.hpp"

namespace ratchet {

namespace {

using named_factor = std::pair<std::string_view, double>;

/// In picoseconds, so that every factor is a whole number and conversions are exact where they can
/// be.
constexpr double second = 1e12;
constexpr std::array time_units{
    named_factor{"ps", 1},          named_factor{"ns", 1e3},
    named_factor{"us", 1e6},        named_factor{"\xC2\xB5s", 1e6},  // micro sign
    named_factor{"\xCE\xBCs", 1e6},                                  // Greek mu
    named_factor{"ms", 1e9},        named_factor{"s", second},
    named_factor{"m", 60 * second}, named_factor{"h", 3600 * second}};
/// In either case, with or without an 's' at their end.
constexpr std::array time_words{
    named_factor{"nsec", 1e3},         named_factor{"nanosecond", 1e3},
    named_factor{"usec", 1e6},         named_factor{"microsecond", 1e6},
    named_factor{"msec", 1e9},         named_factor{"millisecond", 1e9},
    named_factor{"sec", second},       named_factor{"second", second},
    named_factor{"min", 60 * second},  named_factor{"minute", 60 * second},
    named_factor{"hr", 3600 * second}, named_factor{"hour", 3600 * second}};

/// Words that are units without "/s" behind them.
constexpr std::array<std::string_view, 9> counts{"op",  "flop", "hz",  "iops", "qps",
                                                 "rps", "tps",  "fps", "flops"};

/// Of a plural too: "ops" is "op".
std::string singular(std::string word) {
  if (word.size() > 2 && word.back() == 's') word.pop_back();
  return word;
}

struct prefixed {
  double factor = 1;
  std::string_view rest;
};

/// "k…" 1000 and "Ki…" 1024; factor 0: no prefix.
prefixed take_prefix(std::string_view text) {
  constexpr std::string_view letters = "kMGTP";
  if (text.empty()) return {0, text};
  std::size_t power = letters.find(text[0] == 'K' ? 'k' : text[0]);
  if (power == std::string_view::npos) return {0, text};
  bool binary = text.size() > 1 && text[1] == 'i' && (text.size() == 2 || text[2] != 't');
  double factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= binary ? 1024 : 1000;
  return {factor, text.substr(binary ? 2 : 1)};
}

bool all_letters(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), is_letter);
}

bool is_time_word(std::string_view word) { return seconds_of(word) > 0; }

/// Of bytes and bits, with prefix: "MiB", "kbit", "Mb", "Bytes".
void add_sizes(std::string_view unit, std::vector<unit_meaning>& out) {
  auto word_of = [](std::string_view rest) -> std::string_view {
    if (rest == "B" || rest == "byte" || rest == "bytes" || rest == "Byte" || rest == "Bytes")
      return "byte";
    if (rest == "bit" || rest == "bits" || rest == "Bit" || rest == "Bits") return "bit";
    return {};
  };
  if (auto word = word_of(unit); !word.empty()) return out.push_back({std::string(word), 1});
  auto [factor, rest] = take_prefix(unit);
  if (unit == "mb" || unit == "gb" || unit == "tb") {
    // No SI prefix is written so: somebody's megabytes, or bits.
    double power = unit == "mb" ? 1e6 : unit == "gb" ? 1e9 : 1e12;
    out.push_back({"byte", power});
    return out.push_back({"bit", power});
  }
  if (factor == 0) return;
  if (auto word = word_of(rest); !word.empty()) return out.push_back({std::string(word), factor});
  if (rest != "b") return;
  out.push_back({"bit", factor});
  if (factor == 1000) out.push_back({"byte", factor});
}

/// What may stand before "/": also a word that nobody knows, and a bare prefix.
std::vector<unit_meaning> meanings_of_part(std::string_view unit, bool any_word) {
  std::vector<unit_meaning> out;
  if (unit == "%" || ascii_lower(unit) == "percent" || unit == "pct") return {{"%", 1}};
  if (unit == "x" || unit == "X" || unit == "\xC3\x97") return {{"x", 1}};
  if (double s = seconds_of(unit); s > 0) {
    for (auto [name, factor] : time_units)
      if (name == unit) return {{"time", factor}};
    auto word = singular(ascii_lower(unit));
    for (auto [name, factor] : time_words)
      if (name == word) return {{"time", factor}};
  }
  if (double factor = plain_prefix(unit); factor > 0) return {{"", factor}};
  constexpr std::array small{named_factor{"u", 1}, named_factor{"m", 1e3}, named_factor{"", 1e6},
                             named_factor{"k", 1e9}, named_factor{"M", 1e12}};
  for (auto [prefix, factor] : small)
    for (std::string_view of : {"W", "J"})
      if (unit == std::string(prefix) + std::string(of)) return {{std::string(of), factor}};
  add_sizes(unit, out);
  if (!out.empty()) return out;
  // "Mbps" and "MBps".
  if (unit.size() > 2 && unit.ends_with("ps")) {
    add_sizes(unit.substr(0, unit.size() - 2), out);
    if (unit == "bps") out.push_back({"bit", 1});
    if (unit == "Bps") out.push_back({"byte", 1});
    for (auto& m : out) m.kind += "/time";
    if (!out.empty()) return out;
  }
  if (!all_letters(unit)) return {};
  auto add_word = [&](std::string_view word, double factor) {
    std::string kind = singular(ascii_lower(word));
    bool alone = std::find(counts.begin(), counts.end(), ascii_lower(word)) != counts.end() ||
                 std::find(counts.begin(), counts.end(), kind) != counts.end();
    if (!any_word && !alone) return;
    if (kind.size() < 2) return;
    out.push_back({kind, factor});
    if (ascii_lower(word) == "flops") out.push_back({"flop/time", factor});
  };
  add_word(unit, 1);
  if (auto [factor, rest] = take_prefix(unit);
      factor == 1e3 || factor == 1e6 || factor == 1e9 || factor == 1e12 || factor == 1e15)
    add_word(rest, factor);
  return out;
}

bool is_unit_char(char c) { return is_letter(c) || c == '/'; }

/// Bytes at the start that units are made of.
std::size_t run_length(std::string_view text) {
  if (text.starts_with('%')) return 1;
  std::size_t i = 0;
  while (i < text.size() && i < max_unit_length) {
    std::string_view two = text.substr(i, 2);
    if (is_unit_char(text[i]))
      ++i;
    else if (two == "\xC2\xB5" || two == "\xCE\xBC" || two == "\xC3\x97")
      i += 2;
    else
      break;
  }
  return i;
}

/// Whether what follows is the end of a line, of a bracket or of an item of a list.
bool closes(std::string_view after) {
  while (!after.empty() && (after[0] == ' ' || after[0] == '\t')) after.remove_prefix(1);
  if (after.empty() || after.find_first_of("\r\n,;)]}|\"'") == 0) return true;
  return after.starts_with("+/-") || after.starts_with("\xC2\xB1") || after.starts_with("\xE2\x94");
}

bool names_the_next(std::string_view after) {
  while (!after.empty() && (after[0] == ' ' || after[0] == '\t')) after.remove_prefix(1);
  return after.starts_with(':') || after.starts_with('=');
}

}  // namespace

double seconds_of(std::string_view word) {
  for (auto [name, factor] : time_units)
    if (name == word) return factor / second;
  if (word.size() < 2 || !all_letters(word)) return 0;
  std::string lower = ascii_lower(word);
  for (auto [name, factor] : time_words)
    if (lower == name || (lower.size() == name.size() + 1 && lower.back() == 's' &&
                          std::string_view(lower).starts_with(name)))
      return factor / second;
  return 0;
}

double plain_prefix(std::string_view unit) {
  auto [factor, rest] = take_prefix(unit);
  return rest.empty() ? factor : 0;
}

std::vector<unit_meaning> unit_meanings(std::string_view unit) {
  if (unit.empty()) return {{"", 1}};
  if (unit.size() > max_unit_length) return {};
  std::size_t slash = unit.find('/');
  if (slash == std::string_view::npos) return meanings_of_part(unit, false);
  std::string_view per = unit.substr(slash + 1), of = unit.substr(0, slash);
  if (!all_letters(per) && !is_time_word(per)) return {};
  std::vector<unit_meaning> out =
      of.empty() ? std::vector<unit_meaning>{{"", 1}} : meanings_of_part(of, true);
  double seconds = seconds_of(per);
  // Only what is counted a time is known by any word; a word an unknown word is no unit.
  bool known = of.empty() || !meanings_of_part(of, false).empty();
  if (seconds == 0 && (of.empty() || !known) && ascii_lower(per) != "op" &&
      ascii_lower(per) != "iter")
    return {};
  for (auto& m : out) {
    m.kind += seconds > 0 ? "/time" : "/" + singular(ascii_lower(per));
    if (seconds > 0) m.factor /= seconds;
  }
  return out;
}

std::optional<double> converted(double value, std::string_view from, std::string_view to) {
  if (from == to) return value;
  const auto targets = unit_meanings(to);
  for (const auto& a : unit_meanings(from))
    for (const auto& b : targets)
      if (a.kind == b.kind) return value * a.factor / b.factor;
  return std::nullopt;
}

std::size_t unit_length(std::string_view text, bool spaced) {
  std::size_t n = run_length(text);
  while (n > 0) {
    std::string_view unit = text.substr(0, n), after = text.substr(n);
    bool whole = unit == "%" || ends_number(after);
    if (whole && !unit_meanings(unit).empty()) {
      if (!spaced) return n;
      if (names_the_next(after)) return 0;
      bool careful = unit == "min" || plain_prefix(unit) > 0 || unit == "\xC3\x97" ||
                     (unit.size() == 1 && unit != "%" && unit != "s");
      if (unit == "m") return 0;  // metres as likely as minutes
      return !careful || closes(after) ? n : 0;
    }
    std::size_t slash = unit.rfind('/');
    if (slash == std::string_view::npos || slash == 0) return 0;
    n = slash;
  }
  return 0;
}

}  // namespace ratchet
