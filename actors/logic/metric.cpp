// SPDX-License-Identifier: MIT
#include "actors/logic/metric.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/metric_file.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_pattern_length = 4096;
constexpr std::size_t max_name_length = 200;

failure refuse(const char* field, std::string text) {
  return fail(errc::invalid_argument, std::move(text), json{{"field", field}});
}

failure refuse_pattern(const std::string& pattern, const std::string& why) {
  return refuse("metric_pattern", "metric_pattern " + shown(pattern) + " " + why);
}

/// A line break outside a character class, written as \n or as itself: such a pattern could never
/// match one line.
bool needs_line_break(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '\\') {
      if (!in_class && i + 1 < pattern.size() && pattern[i + 1] == 'n') return true;
      if (i + 1 < pattern.size() && pattern[i + 1] == 'Q') {  // \Q…\E is taken literally
        std::size_t end = pattern.find("\\E", i + 2);
        std::string_view quoted = pattern.substr(i + 2, end - (i + 2));
        if (quoted.find('\n') != std::string_view::npos) return true;
        if (end == std::string_view::npos) return false;
        i = end;
      }
      ++i;
    } else if (in_class) {
      if (c == ']') in_class = false;
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') ++i;  // a first ']' is itself
    } else if (c == '\n') {
      return true;
    }
  }
  return false;
}

bool is_ascii(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// Texts of which a matching line has at least one, or none when RE2 knows of no such set. Texts
/// outside ASCII are not used: RE2 lowers them by Unicode's rules, the finder does not.
std::vector<std::string> required_texts(const std::string& pattern, const RE2::Options& options) {
  re2::FilteredRE2 filter(2);
  int id = 0;
  if (filter.Add(pattern, options, &id) != RE2::NoError) return {};
  std::vector<std::string> texts;
  filter.Compile(&texts);
  if (texts.empty() || texts.size() > 32) return {};
  auto possible_without = [&](std::optional<std::size_t> left_out) {
    std::vector<int> present, ids;
    if (left_out)
      for (std::size_t i = 0; i < texts.size(); ++i)
        if (i != *left_out) present.push_back(static_cast<int>(i));
    filter.AllPotentials(present, &ids);
    return !ids.empty();
  };
  std::string best;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (is_ascii(texts[i]) && texts[i].size() > best.size() && !possible_without(i))
      best = texts[i];
  if (!best.empty()) return {best};
  if (texts.size() > 8 || possible_without(std::nullopt)) return {};
  if (!std::all_of(texts.begin(), texts.end(), is_ascii)) return {};
  return texts;
}

expected<compiled_metric> compile_file(const metric_rule& rule, bool csv) {
  const std::string& pattern = rule.pattern;
  auto refuse_file = [&](const std::string& why) {
    return refuse_pattern(pattern, why +
                                       (csv ? "; a CSV metric is written csv:PATH#column"
                                            : "; a JSON metric is written json:PATH#/pointer") +
                                       ", PATH relative to the repository and without \"..\"");
  };
  std::string_view rest = std::string_view(pattern).substr(csv ? 4 : 5);
  std::size_t hash = rest.find('#');
  if (hash == std::string_view::npos)
    return refuse_file(csv ? "has no '#' before its column" : "has no '#' before its pointer");
  compiled_metric metric;
  metric.rule = rule;
  metric.file_path = rest.substr(0, hash);
  metric.file_place = rest.substr(hash + 1);
  metric.csv = csv;
  const std::string& path = metric.file_path;
  if (path.empty()) return refuse_file("names no file");
  if (path.find('\0') != std::string::npos) return refuse_file("has a NUL in its path");
  if (path[0] == '/') return refuse_file("names an absolute path");
  for (std::size_t begin = 0; begin <= path.size();) {
    std::size_t end = std::min(path.find('/', begin), path.size());
    std::string_view part = std::string_view(path).substr(begin, end - begin);
    if (part == "..") return refuse_file("leaves the repository");
    if (part.empty()) return refuse_file("has an empty part in its path");
    begin = end + 1;
  }
  if (csv && metric.file_place.empty()) return refuse_file("names no column");
  if (!csv && !pointer_steps(metric.file_place))
    return refuse_file("has the pointer " + shown(metric.file_place) +
                       ", which is not one: a pointer is empty or starts with '/', '~' is followed "
                       "by 0 or 1, and a step by name is written [name=TEXT]");
  return metric;
}

}  // namespace

lone_comma comma_in(const std::vector<std::string>& environment) {
  // The first of these that is set decides, as it does for the command.
  for (std::string_view variable : {"LC_ALL", "LC_NUMERIC", "LANG"})
    for (std::string_view entry : environment) {
      if (!entry.starts_with(variable)) continue;
      std::string_view value = entry.substr(variable.size());
      if (value.empty()) return lone_comma::ambiguous;  // Ratchet's own, whatever it is
      if (value[0] != '=' || value.size() == 1) continue;
      value.remove_prefix(1);
      bool plain = value == "C" || value == "POSIX" || value.starts_with("C.");
      return plain ? lone_comma::thousands : lone_comma::ambiguous;
    }
  return lone_comma::thousands;
}

expected<compiled_metric> compile_metric(const metric_rule& rule, lone_comma comma) {
  if (is_measured(rule.pattern)) return compile_measured(rule);
  if (rule.pattern.starts_with("json:") || rule.pattern.starts_with("csv:")) {
    auto metric = compile_file(rule, rule.pattern.starts_with("csv:"));
    if (metric) metric->comma = comma;
    return metric;
  }
  compiled_metric metric;
  metric.rule = rule;
  metric.comma = comma;
  if (rule.pattern.empty()) {
    std::string_view name = rule.name;
    auto blank = [](char c) { return c == ' ' || c == '\t'; };
    if (name.empty() || std::all_of(name.begin(), name.end(), blank))
      return refuse("metric_name",
                    "metric_name is empty: give the word that the run prints before "
                    "its number, or a metric_pattern");
    if (blank(name.front()) || blank(name.back()))
      return refuse("metric_name",
                    "metric_name " + shown(name) + " begins or ends with a blank; leave it out");
    if (name.size() > max_name_length)
      return refuse("metric_name", "metric_name has " + std::to_string(name.size()) +
                                       " bytes; at most " + std::to_string(max_name_length) +
                                       " are allowed");
    for (char c : name)
      if (static_cast<unsigned char>(c) < 0x20)
        return refuse("metric_name", "metric_name " + shown(name) +
                                         " has a control character; it must be one line of text");
    return metric;
  }
  if (rule.pattern.size() > max_pattern_length)
    return refuse_pattern(rule.pattern, "has " + std::to_string(rule.pattern.size()) +
                                            " bytes; at most " +
                                            std::to_string(max_pattern_length) + " are allowed");
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<const RE2>(rule.pattern, options);
  if (!pattern->ok())
    return refuse_pattern(rule.pattern, "does not compile: " + pattern->error() +
                                            "; RE2 syntax is allowed (no look-around, no back "
                                            "references)");
  if (int groups = pattern->NumberOfCapturingGroups(); groups != 1)
    return refuse_pattern(rule.pattern,
                          "has " + std::to_string(groups) +
                              " groups; exactly one is allowed, around the number, as in "
                              "\"loss = ([0-9.]+)\" (write (?:…) for others)");
  if (needs_line_break(rule.pattern))
    return refuse_pattern(rule.pattern,
                          "needs a line break, but the output is matched line by line; match the "
                          "line that has the number");
  metric.pattern = pattern;
  metric.required_texts = required_texts(rule.pattern, options);
  return metric;
}

}  // namespace ratchet
