// SPDX-License-Identifier: MIT
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_elision = 160;

bool finds(std::string_view text, const RE2& pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

/// Three dots or more, or their one sign; with marks of comments or brackets around them.
bool is_dots(std::string_view line) {
  static const RE2 dots(R"((\.{3,}|…)|[\[({<]\s*(\.{3,}|…)\s*[\])}>])");
  return finds(line, dots);
}

/// In a comment dots with nothing else, or with a word on what is left out; "rest of the code
/// unchanged" needs no dots there. Outside of comments the dots need a word that tells more.
std::string patterns_of_told() {
  const std::string sign = R"((?://+|#+|--|;+|%+|/?\*+|<!--|\(\*|"{3}))";
  const std::string dots = R"((?:\.{3,}|…))", open = R"(\s*[\[(<]?\s*)";
  const std::string word =
      R"(\b(?:rest|existing|unchanged|remaining|same|omitted|truncated|previous|as before)\b)";
  const std::string any_word =
      R"(\b(?:rest|existing|unchanged|remaining|same|omitted|truncated|previous|before|other|code|here|skipped|snip)\b)";
  const std::string rest =
      R"((?:the |all )?(?:rest|remainder|remaining|everything else|(?:existing|previous|other) code)\b.*\b(?:unchanged|same|omitted|before|here|stays?|remains?|goes)\b.*)";
  const std::string whole =
      R"((?:(?:rest |remains? |everything |all )?unchanged|existing code|(?:the )?rest of (?:the |your )?(?:code|file|function|class|script|program))\W*)";
  return sign + open + dots + R"(\W*|)" + sign + open + dots + ".*" + any_word + ".*|" + sign +
         ".*" + any_word + ".*" + dots + R"(\W*|)" + sign + open + rest + "|" + sign + open +
         whole + "|" + open + dots + R"(\s*.*)" + word + ".*";
}

bool is_told(std::string_view line) {
  static const RE2 told(patterns_of_told());
  // "...defaults," spreads an object.
  static const RE2 spread(R"(\.\.\.[\w.\[\]()]+,?;?)");
  return !finds(line, spread) && finds(line, told);
}

bool code_goes_on(std::string_view line) {
  return line.ends_with(':') || line.ends_with(',') || line.ends_with('(');
}

}  // namespace

elision elision_in(std::string_view line) {
  line = trimmed(line);
  if (line.size() < 3 || line.size() > longest_elision) return elision::none;
  if (is_dots(line)) return elision::dots;
  return is_told(ascii_lower(line)) ? elision::told : elision::none;
}

std::string_view elision_of(std::string_view text, std::string_view file, elision least) {
  std::set<std::string_view> known;
  for (const auto& line : split_lines(file)) known.insert(trimmed(line.text));
  std::string_view before;
  for (const auto& line : split_lines(text)) {
    std::string_view now = trimmed(line.text);
    if (now.empty()) continue;
    elision kind = elision_in(now);
    bool code = kind == elision::dots && code_goes_on(before);
    if (kind >= least && !code && known.count(now) == 0) return now;
    before = now;
  }
  return {};
}

}  // namespace ratchet
