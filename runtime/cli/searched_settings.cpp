// SPDX-License-Identifier: MIT
#include "runtime/cli/searched_settings.hpp"

#include <algorithm>
#include <map>

#include "actors/logic/text.hpp"
#include "runtime/cli/style.hpp"
#include "runtime/edit/syntax.hpp"

namespace ratchet::cli {

namespace {

std::string written(const number_form& form, double value) { return format_number(form, value); }

/// The range that is searched first, or the choices.
std::string range_text(const parameter& p) {
  if (p.implied) {
    auto [lo, hi] = first_range(p.form);
    return written(p.form, lo) + " … " + written(p.form, hi);
  }
  if (auto bounds = p.values.bounds())
    return p.values.text(bounds->first, p.form) + " … " + p.values.text(bounds->second, p.form);
  return listed(p.values.texts(), 6);
}

/// How a comment begins in this file; empty where it knows none.
std::string comment_mark(const std::string& file) {
  if (file.ends_with(".json")) return "";
  const auto& s = syntax_for(file);
  return s.line_comments.empty() ? "" : s.line_comments.front();
}

/// The comment that makes a literal a setting.
std::string inclusion(const left_out_literal& l) {
  auto mark = comment_mark(l.file);
  if (mark.empty()) return "";
  auto form = parse_number(l.text);
  if (!form) return mark + " ratchet: choices true, false";
  auto [lo, hi] = first_range(*form);
  if (lo >= hi) return "";
  return mark + " ratchet: range " + shortest(lo) + ".." + shortest(hi);
}

std::string count_text(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " setting is" : " settings are") + " searched";
}

}  // namespace

/// More of them are told by their number.
constexpr std::size_t most_files_in_a_line = 5;

std::string settings_in_short(const settings_survey& survey) {
  std::vector<std::string> found, left_out;
  for (const auto& p : survey.found)
    found.push_back(p.name + " " + p.text + " [" + range_text(p) + "]");
  for (const auto& l : survey.left_out)
    if (l.named && !l.name.empty()) left_out.push_back(l.name + " (" + l.why + ")");
  std::string line = count_text(found.size()) + ": " + listed(found, 8);
  if (!survey.annotated_only && !left_out.empty()) line += "; left out: " + listed(left_out, 4);
  if (!survey.not_searched.empty()) line += "; not searched: " + listed(survey.not_searched, 3);
  if (survey.files.size() > most_files_in_a_line)
    return harmless(line + "; --dry-run lists all of " + std::to_string(survey.files.size()) +
                    " files");
  line += "; see ratchet settings";
  for (const auto& file : survey.files) line += " " + file;
  return harmless(line);
}

std::vector<std::string> settings_table(const settings_survey& survey, const text_style& style) {
  std::vector<std::string> lines;
  auto where = [](const auto& x) { return x.file + ":" + std::to_string(x.line); };
  int name = 4, value = 5, range = 5;
  auto widen = [](int& width, const std::string& text) {
    width = std::min(44, std::max(width, display_width(text)));
  };
  for (const auto& p : survey.found) {
    widen(name, p.name);
    widen(value, p.text);
    widen(range, range_text(p));
  }
  for (const auto& l : survey.left_out)
    if (l.named) widen(name, l.name), widen(value, l.text);
  auto row = [&](const std::string& a, const std::string& b, const std::string& c,
                 const std::string& d) {
    lines.push_back("  " + cell(harmless(a), name + 2, style) +
                    cell(harmless(b), value + 2, style) + cell(harmless(c), range + 2, style) +
                    harmless(d));
  };
  bool implied = false;
  if (!survey.not_searched.empty())
    lines.push_back(
        harmless("  not searched, being beyond the limits: " + listed(survey.not_searched, 10)));
  lines.push_back(painted(style, paint::bold, count_text(survey.found.size())));
  for (const auto& p : survey.found) {
    row(p.name, p.text, range_text(p), where(p));
    implied = implied || p.implied;
  }
  std::map<std::string, std::vector<std::string>> others;
  bool first = true;
  for (const auto& l : survey.left_out) {
    if (!l.named || l.name.empty()) {
      others[l.why].push_back(where(l));
      continue;
    }
    if (std::exchange(first, false)) lines.push_back(painted(style, paint::bold, "left out"));
    row(l.name, l.text, l.why, where(l));
  }
  if (first && !others.empty()) lines.push_back(painted(style, paint::bold, "left out"));
  for (const auto& [why, places] : others)
    lines.push_back("  " + std::to_string(places.size()) + " × " + harmless(why) + ": " +
                    harmless(listed(places, 3)));
  if (implied)
    lines.push_back(
        "Ranges nobody gave are where the search begins; where it pays it goes four times as far.");
  auto example = std::find_if(survey.left_out.begin(), survey.left_out.end(),
                              [](const auto& l) { return l.named && !inclusion(l).empty(); });
  if (example == survey.left_out.end())
    example = std::find_if(survey.left_out.begin(), survey.left_out.end(),
                           [](const auto& l) { return !inclusion(l).empty(); });
  if (example != survey.left_out.end())
    lines.push_back("To search one that was left out, end its line with a comment, for " +
                    where(*example) + ": " + inclusion(*example) +
                    " (then only such lines are searched; `ratchet settings --help` has more)");
  else
    lines.push_back(
        "Comments in the file or edit_backend's option parameters say it otherwise: "
        "`ratchet settings --help`");
  return lines;
}

json settings_json(const settings_survey& survey) {
  json found = json::array(), left_out = json::array();
  for (const auto& p : survey.found) {
    json j{{"name", p.name}, {"value", valid_utf8(p.text)}, {"file", p.file}, {"line", p.line}};
    if (auto bounds = p.values.bounds()) {
      auto near = p.implied ? first_range(p.form) : *bounds;
      j["range"] = {near.first, near.second};
      if (p.implied) j["widest"] = {bounds->first, bounds->second};
    } else {
      j["choices"] = p.values.texts();
    }
    found.push_back(std::move(j));
  }
  for (const auto& l : survey.left_out) {
    json j{{"name", l.name}, {"value", l.text}, {"file", l.file}, {"line", l.line}, {"why", l.why}};
    if (auto with = inclusion(l); !with.empty()) j["include_with"] = with;
    left_out.push_back(std::move(j));
  }
  json all{{"settings", std::move(found)}, {"left_out", std::move(left_out)}};
  if (!survey.not_searched.empty()) all["not_searched"] = survey.not_searched;
  return all;
}

}  // namespace ratchet::cli
