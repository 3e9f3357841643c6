// SPDX-License-Identifier: MIT
#include "runtime/edit/annotations.hpp"

#include <cmath>
#include <cstdlib>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

struct word {
  std::string text;
  bool quoted = false;
};

// Blanks and commas separate; quotes keep blanks; ';' ends a clause (an empty unquoted word).
std::vector<word> words_of(std::string_view text) {
  std::vector<word> out;
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == ' ' || c == '\t' || c == ',' || c == '\r') {
      ++i;
    } else if (c == ';') {
      out.push_back({});
      ++i;
    } else if (c == '"' || c == '\'' || c == '`') {
      auto end = text.find(c, i + 1);
      if (end == std::string_view::npos) end = text.size();
      out.push_back({std::string(text.substr(i + 1, end - i - 1)), true});
      i = end + 1;
    } else {
      auto end = text.find_first_of(" \t,;\r", i);
      if (end == std::string_view::npos) end = text.size();
      out.push_back({std::string(text.substr(i, end - i))});
      i = end;
    }
  }
  return out;
}

std::optional<double> number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool has_fraction(double v) { return v != std::floor(v); }

// "8..512" into its bounds; the dots are looked for first, since "8." alone would read as a number.
bool bounds(const std::string& text, clause& c) {
  auto dots = text.find("..");
  if (dots == std::string::npos) return false;
  auto lo = number(text.substr(0, dots)), hi = number(text.substr(dots + 2));
  if (!lo || !hi || *lo >= *hi) return false;
  c.lo = *lo;
  c.hi = *hi;
  c.whole = !has_fraction(*lo) && !has_fraction(*hi) &&
            text.find_first_of("eE") == std::string::npos && text.find('.') == dots &&
            text.find('.', dots + 2) == std::string::npos;
  return true;
}

// One clause from words[i…]; i moves behind it. The text is what is wrong, or empty.
std::string parse(const std::vector<word>& words, std::size_t& i, clause& c) {
  auto is = [&](const char* text) {
    return i < words.size() && !words[i].quoted && words[i].text == text;
  };
  auto ended = [&] { return i >= words.size() || (!words[i].quoted && words[i].text.empty()); };
  if (is("skip") || is("begin") || is("end")) {
    c.kind = is("skip") ? clause_kind::skip : is("begin") ? clause_kind::begin : clause_kind::end;
    ++i;
    return "";  // more words are a remark
  }
  if (is("range")) {
    c.kind = clause_kind::range;
    if (++i >= words.size() || !bounds(words[i].text, c))
      return "range needs LOW..HIGH with LOW < HIGH";
    for (++i; !ended();) {
      if (is("log") || is("linear")) {
        c.log = is("log");
        ++i;
      } else if (is("step")) {
        auto step = ++i < words.size() ? number(words[i].text) : std::nullopt;
        if (!step || *step <= 0 || *step > c.hi - c.lo)
          return "step needs a number above 0 and at most the range's width";
        c.step = *step;
        c.whole = c.whole && !has_fraction(*step);
        ++i;
      } else {
        return "after the range only step N, log or linear may stand, not \"" + words[i].text +
               "\"";
      }
    }
    if (c.log == true && c.lo <= 0) return "a log range needs a lower bound above 0";
    return "";
  }
  if (is("power") || is("powers")) {
    c.kind = clause_kind::power_of_two;
    if (is("power") || is("powers")) ++i;
    if (is("of")) ++i;
    if (is("two")) ++i;
    if (i >= words.size() || !bounds(words[i].text, c) || c.lo < 1)
      return "power of two needs LOW..HIGH with 1 <= LOW < HIGH";
    ++i;
    return ended() ? ""
                   : "nothing may follow the power's range, but there is \"" + words[i].text + "\"";
  }
  if (is("choices")) {
    c.kind = clause_kind::choices;
    for (++i; !ended(); ++i) {
      c.quoted = c.quoted || words[i].quoted;
      c.choices.push_back(words[i].text);
    }
    return c.choices.size() < 2 ? "choices needs at least two values" : "";
  }
  std::string first = i < words.size() ? words[i].text : "";
  std::string near = nearest_word(first, {"range", "choices", "power", "skip", "begin", "end"});
  return "\"" + first + "\" is not known" + (near.empty() ? "" : " (did you mean " + near + "?)") +
         "; known are range, choices, power of two, skip, begin and end";
}

}  // namespace

expected<std::vector<clause>> clauses_of(std::string_view comment, int first_line) {
  constexpr std::string_view mark = "ratchet:";
  std::vector<clause> out;
  int line = first_line;
  for (auto text : lines_of(comment)) {
    auto at = text.find(mark);
    if (at != std::string_view::npos) {
      text.remove_prefix(at + mark.size());
      for (std::string_view close : {"*/", "-->", "#}", "]]", "|#", "-}", "*)"})
        if (auto end = text.find(close); end != std::string_view::npos) text = text.substr(0, end);
      auto words = words_of(text);
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].quoted && words[i].text.empty()) continue;
        clause c;
        c.line = line;
        auto wrong = parse(words, i, c);
        if (!wrong.empty())
          return fail(errc::invalid_argument, "annotation \"ratchet:" + one_line(text, 80) +
                                                  "\" is not understood: " + wrong);
        out.push_back(c);
        while (i < words.size() && (words[i].quoted || !words[i].text.empty())) ++i;
      }
    }
    ++line;
  }
  return out;
}

}  // namespace ratchet
