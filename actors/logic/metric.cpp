// SPDX-License-Identifier: MIT
#include "actors/logic/metric.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/number_text.hpp"
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

expected<compiled_metric> compile_json(const metric_rule& rule) {
  const std::string& pattern = rule.pattern;
  auto refuse_json = [&](const std::string& why) {
    return refuse_pattern(pattern, why +
                                       "; a JSON metric is written json:PATH#/pointer, PATH "
                                       "relative to the repository and without \"..\"");
  };
  std::string_view rest = std::string_view(pattern).substr(5);
  std::size_t hash = rest.find('#');
  if (hash == std::string_view::npos) return refuse_json("has no '#' before its pointer");
  compiled_metric metric{
      rule, std::string(rest.substr(0, hash)), std::string(rest.substr(hash + 1)), nullptr, {}};
  const std::string& path = metric.json_path;
  if (path.empty()) return refuse_json("names no file");
  if (path.find('\0') != std::string::npos) return refuse_json("has a NUL in its path");
  if (path[0] == '/') return refuse_json("names an absolute path");
  for (std::size_t begin = 0; begin <= path.size();) {
    std::size_t end = std::min(path.find('/', begin), path.size());
    std::string_view part = std::string_view(path).substr(begin, end - begin);
    if (part == "..") return refuse_json("leaves the repository");
    if (part.empty()) return refuse_json("has an empty part in its path");
    begin = end + 1;
  }
  try {
    json::json_pointer pointer(metric.json_pointer);
  } catch (const std::exception&) {
    return refuse_json("has the pointer " + shown(metric.json_pointer) +
                       ", which is not one: a pointer is empty or starts with '/', and '~' is "
                       "followed by 0 or 1");
  }
  return metric;
}

}  // namespace

expected<compiled_metric> compile_metric(const metric_rule& rule) {
  if (rule.pattern.starts_with("json:")) return compile_json(rule);
  if (is_measured(rule.pattern)) return compile_measured(rule);
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
    return compiled_metric{rule, {}, {}, nullptr, {}};
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
  return compiled_metric{rule, {}, {}, pattern, required_texts(rule.pattern, options)};
}

metric_reading read_json_metric(const compiled_metric& metric,
                                std::optional<std::string_view> bytes) {
  const std::string where = metric.json_path + "#" + metric.json_pointer;
  if (!bytes)
    return {{}, "", "the run left no file " + metric.json_path + " to read the metric from"};
  json document = json::parse(*bytes, nullptr, false);
  if (document.is_discarded())
    return {{}, "", "the file " + metric.json_path + " is not valid JSON"};
  json value;
  try {
    json::json_pointer pointer(metric.json_pointer);
    if (!document.contains(pointer))
      return {{}, "", where + " names nothing in the file that the run left"};
    value = document.at(pointer);
  } catch (const std::exception&) {
    return {{}, "", where + " names nothing in the file that the run left"};
  }
  number_text number;
  if (value.is_number())
    number = {std::isfinite(value.get<double>()) ? number_kind::finite : number_kind::not_finite,
              value.get<double>(), 0};
  else if (value.is_string())
    number = whole_number(value.get_ref<const std::string&>());
  if (number.kind == number_kind::finite) return {number.value, "json", ""};
  if (number.kind == number_kind::not_finite) return {{}, "json", where + " is not finite"};
  return {{},
          "",
          where + " is no number but " +
              shown(value.dump(-1, ' ', true, json::error_handler_t::replace))};
}

}  // namespace ratchet
