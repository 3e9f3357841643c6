// SPDX-License-Identifier: MIT
#include "runtime/tools/setting.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

void fill_in(std::string& text, std::string_view place, const std::string& words) {
  for (auto at = text.find(place); at != std::string::npos;
       at = text.find(place, at + words.size()))
    text.replace(at, place.size(), words);
}

/// 0.000001, where JSON would write 1e-06.
std::string in_full(double x) {
  std::array<char, 400> digits{};
  auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), x, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

std::string time_in_words(double seconds) {
  const double minutes = seconds / 60;
  return minutes == std::floor(minutes) && minutes > 0 ? in_full(minutes) + "m" : in_full(seconds);
}

/// last (default), first or max
std::string words_with_default(const tool_argument& a) {
  std::string out;
  for (std::size_t i = 0; i < a.allowed.size(); ++i) {
    if (i > 0) out += i + 1 == a.allowed.size() ? " or " : ", ";
    out += a.allowed[i];
    if (json(std::string(a.allowed[i])).dump() == a.default_json) out += " (default)";
  }
  return out;
}

std::string default_in_words(const tool_argument& a, bool seconds) {
  const json value = json::parse(a.default_json, nullptr, false);
  if (value.is_string()) return value.get<std::string>();
  return seconds && value.is_number() ? time_in_words(value.get<double>()) : a.default_json;
}

}  // namespace

std::string detail::default_text(const json& value) {
  if (value.is_null() || (value.is_structured() && value.empty())) return "";
  if (!value.is_number_float()) return value.dump();
  const auto x = value.get<double>();
  return x == std::floor(x) && std::abs(x) < 1e15 ? in_full(x) : value.dump();
}

setting::setting(tool_argument a, std::function<expected<>(const json&, session_settings&)> taker)
    : argument(std::move(a)), take(std::move(taker)) {}

setting setting::by(said_by fewer) && {
  who = fewer;
  return std::move(*this);
}

setting setting::often() && {
  used_often = true;
  return std::move(*this);
}

void setting::describe(const limits& l, const char* description, flag f) {
  auto& a = argument;
  a.required = l.required;
  a.minimum = l.minimum;
  a.maximum = l.maximum;
  a.max_bytes = l.max_bytes;
  a.max_items = l.max_items;
  a.description = description;
  if (l.minimum && l.maximum)
    fill_in(a.description, "{range}", in_full(*l.minimum) + " to " + in_full(*l.maximum));
  fill_in(a.description, "{items}", std::to_string(l.max_items));
  fill_in(a.description, "{names}", list_words(a.allowed));
  seconds = l.seconds;
  on_command_line = std::move(f);
  line = on_command_line.in_options.empty() ? on_command_line.line : on_command_line.in_options;
  fill_in(line, "{default}", default_in_words(a, false));
  fill_in(line, "{names}", words_with_default(a));
  fill_in(on_command_line.line, "{default}", default_in_words(a, l.seconds));
  fill_in(on_command_line.line, "{names}", words_with_default(a));
}

const setting* find_setting(std::string_view name) {
  const auto rows = setting_rows();
  auto it = std::find_if(rows.begin(), rows.end(),
                         [&](const setting& s) { return s.argument.name == name; });
  return it == rows.end() ? nullptr : &*it;
}

}  // namespace ratchet
