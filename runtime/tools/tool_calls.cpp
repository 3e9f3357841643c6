// SPDX-License-Identifier: MIT
//
// A call by a tool's name and JSON arguments, and the answer when it fails.
#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/tools/tool_arguments.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

template <class Range>
std::vector<std::string> names_of(const Range& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

expected<> check_all(const tool& t, const json& arguments) {
  for (auto it = arguments.begin(); it != arguments.end(); ++it) {
    bool known = std::any_of(t.arguments.begin(), t.arguments.end(),
                             [&](const tool_argument& a) { return a.name == it.key(); });
    if (!known) {
      return refuse_argument(valid_utf8(utf8_prefix(it.key(), 80)),
                             std::string(t.name) + " has no argument " + as_given(it.key()) + "." +
                                 suggestion(it.key(), names_of(t.arguments)));
    }
  }
  for (const auto& a : t.arguments) {
    const json* value = given(arguments, a.name);
    if (!value && a.required)
      return refuse_argument(a.name, std::string(t.name) + " lacks the argument " +
                                         std::string(a.name) + ": " + std::string(a.description));
    if (value)
      if (auto ok = check_argument(a, *value); !ok) return ok;
  }
  return {};
}

bool has_options(const tool& t) {
  return std::any_of(t.arguments.begin(), t.arguments.end(),
                     [](const tool_argument& a) { return !a.line_in_options.empty(); });
}

constexpr std::size_t most_bytes = 16 << 20;

/// Into `flat` the arguments with those of `options` among them.
expected<> flatten(const json& arguments, json& flat) {
  const std::string name(options_argument);
  for (auto it = arguments.begin(); it != arguments.end(); ++it)
    if (auto ok = check_size(utf8_prefix(it.key(), 80), it.value(), most_bytes); !ok) return ok;
  flat = arguments;
  flat.erase(name);
  const json& options = arguments[name];
  if (options.is_null()) return {};
  if (!options.is_object())
    return refuse_argument(
        name, "options must be an object of arguments by name, not " + as_given(options));
  for (auto it = options.begin(); it != options.end(); ++it) {
    if (given(flat, it.key()))
      return refuse_argument(
          valid_utf8(utf8_prefix(it.key(), 80)),
          as_given(it.key()) + " is given twice, by itself and in options; give one");
    flat[it.key()] = it.value();
  }
  return {};
}

}  // namespace

expected<tool_call> decode_call(std::string_view name, const json& arguments) try {
  const tool* t = find_tool(name);
  if (!t) {
    json word = std::string(name);
    return refuse_argument(
        "tool", "there is no tool " + as_given(word) + "." + suggestion(name, names_of(tools())));
  }
  if (!arguments.is_null() && !arguments.is_object())
    return refuse_argument("arguments", "the arguments of " + std::string(t->name) +
                                            " must be an object, not " + as_given(arguments));
  static const json none = json::object();
  json flat;
  const bool in_options =
      arguments.is_object() && has_options(*t) && arguments.contains(std::string(options_argument));
  if (in_options)
    if (auto ok = flatten(arguments, flat); !ok) return ok.error();
  const json& object = in_options ? flat : arguments.is_null() ? none : arguments;
  if (auto ok = check_all(*t, object); !ok) return ok.error();
  auto message = t->decode(object);
  if (!message) return message.error();
  tool_call call{std::move(*message), std::nullopt};
  if (const json* wait = given(object, "wait_ms"))
    call.wait_ms = static_cast<std::int64_t>(wait->get<double>());
  return call;
} catch (const std::exception& e) {
  return fail(errc::internal, "the arguments of " + std::string(name.substr(0, 80)) +
                                  " could not be read: " + e.what() + "; please report");
}

json error_answer(const failure& f, std::string_view session_id) {
  json answer{{"error", f.text}, {"code", std::string(name_of(f.code))}};
  if (!session_id.empty()) answer["session_id"] = std::string(session_id);
  if (f.details.is_object())
    for (auto it = f.details.begin(); it != f.details.end(); ++it)
      if (!answer.contains(it.key())) answer[it.key()] = it.value();
  return answer;
}

}  // namespace ratchet
