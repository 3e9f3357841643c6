// SPDX-License-Identifier: MIT
#include "runtime/edit/option_checks.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet::option {

std::string quoted(const json& value) {
  return one_line(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

std::string want(const std::string& option, const std::string& rule, const json& value) {
  return "option " + option + " must be " + rule + ", not " + quoted(value);
}

std::string check_bool(const json& options, const char* name) {
  if (!options.contains(name) || options[name].is_boolean()) return "";
  return want(name, "true or false", options[name]);
}

std::string check_text(const json& options, const char* name) {
  if (!options.contains(name)) return "";
  const auto& v = options[name];
  if (v.is_string() && !v.get_ref<const std::string&>().empty()) return "";
  return want(name, "a text that is not empty", v);
}

std::string check_one_of(const json& options, const char* name,
                         const std::vector<std::string>& allowed) {
  if (!options.contains(name)) return "";
  std::string list;
  for (const auto& a : allowed)
    list += (list.empty() ? "" : a == allowed.back() ? " or " : ", ") + a;
  const auto& v = options[name];
  if (v.is_string() &&
      std::find(allowed.begin(), allowed.end(), v.get<std::string>()) != allowed.end())
    return "";
  return want(name, list, v);
}

std::string check_number(const json& options, const char* name, double lo, double hi, bool whole,
                         const std::string& rule) {
  if (!options.contains(name)) return "";
  const auto& v = options[name];
  if ((whole ? v.is_number_integer() : v.is_number()) && v.get<double>() >= lo &&
      v.get<double>() <= hi)
    return "";
  return want(name, rule, v);
}

std::string first_of(std::initializer_list<std::string> problems) {
  for (const auto& p : problems)
    if (!p.empty()) return p;
  return "";
}

bool is_text_list(const json& v) {
  return v.is_array() &&
         std::all_of(v.begin(), v.end(), [](const json& x) { return x.is_string(); });
}

}  // namespace ratchet::option
