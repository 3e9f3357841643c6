// SPDX-License-Identifier: MIT
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

json text_list_schema() { return {{"type", "array"}, {"items", {{"type", "string"}}}}; }

json command_schema() {
  json list = text_list_schema();
  list["minItems"] = 1;
  return {{"anyOf", json::array({json{{"type", "string"}, {"minLength", 1}}, std::move(list)})}};
}

json object_schema(json properties, json required) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

json edits_schema() {
  const json text{{"type", "string"}};
  return {{"type", "array"},
          {"minItems", 1},
          {"items", object_schema({{"file", text}, {"search", text}, {"replace", text}},
                                  {"file", "search", "replace"})}};
}

template <named_enum E>
json names_schema() {
  json names = json::array();
  for (const auto& [value, name] : enum_names<E>::value) names.push_back(std::string(name));
  return {{"type", "string"}, {"enum", std::move(names)}};
}

json guards_schema() {
  json guard =
      object_schema({{"name", {{"type", "string"}}},
                     {"pattern", {{"type", "string"}}},
                     {"pick", names_schema<metric_pick>()},
                     {"direction", names_schema<metric_direction>()},
                     {"max_regression", {{"type", "number"}, {"minimum", 0}, {"maximum", 10}}}},
                    json::array({"name"}));
  json items{{"anyOf", json::array({json{{"type", "string"}}, std::move(guard)})}};
  return {{"type", "array"}, {"items", std::move(items)}};
}

json gates_schema() {
  json gate = object_schema(
      {{"name", {{"type", "string"}}},
       {"command", command_schema()},
       {"timeout_s", {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 86'400}}}},
      json::array({"name", "command"}));
  return {{"type", "array"}, {"items", std::move(gate)}};
}

json kind_schema(argument_kind kind) {
  switch (kind) {
    case argument_kind::text:
      return {{"type", "string"}};
    case argument_kind::integer:
      return {{"type", "integer"}};
    case argument_kind::number:
      return {{"type", "number"}};
    case argument_kind::boolean:
      return {{"type", "boolean"}};
    case argument_kind::text_list:
      return text_list_schema();
    case argument_kind::command:
      return command_schema();
    case argument_kind::edits:
      return edits_schema();
    case argument_kind::text_or_object:
      return {{"anyOf", json::array({json{{"type", "string"}}, json{{"type", "object"}}})}};
    case argument_kind::guards:
      return guards_schema();
    case argument_kind::gates:
      return gates_schema();
    case argument_kind::count_or_auto:
      return {{"anyOf", json::array({json{{"type", "integer"}},
                                     json{{"type", "string"}, {"enum", json::array({"auto"})}}})}};
  }
  return json::object();
}

// 50 and not 50.0: some hosts compare the texts.
json whole_if_possible(double x) {
  auto whole = static_cast<std::int64_t>(x < 1e15 && x > -1e15 ? x : 0);
  return static_cast<double>(whole) == x ? json(whole) : json(x);
}

json argument_schema(const tool_argument& a) {
  json schema = kind_schema(a.kind);
  schema["description"] = std::string(a.description);
  if (!a.allowed.empty()) {
    schema["enum"] = json::array();
    for (auto word : a.allowed) schema["enum"].push_back(std::string(word));
  }
  if (a.max_items > 0) schema["maxItems"] = a.max_items;
  if (a.minimum) schema["minimum"] = whole_if_possible(*a.minimum);
  if (a.maximum) schema["maximum"] = whole_if_possible(*a.maximum);
  if (!a.default_json.empty()) schema["default"] = json::parse(a.default_json);
  return schema;
}

// -- answers --------------------------------------------------------------------------------------

template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};

/// The schema of a member, from its C++ type.
template <class T>
json type_schema() {
  if constexpr (detail::is_optional<T>::value) {
    json schema = type_schema<typename T::value_type>();
    if (schema.contains("type") && schema["type"].is_string())
      schema["type"] = json::array({schema["type"], "null"});
    return schema;
  } else if constexpr (named_enum<T>) {
    return names_schema<T>();
  } else if constexpr (is_list<T>::value) {
    return {{"type", "array"}, {"items", type_schema<typename T::value_type>()}};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", json::array({"number", "null"})}};  // null where it is not finite
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (has_fields<T>) {
    return {{"type", "object"}};
  } else {
    return json::object();
  }
}

template <class Answer>
void add_answer(json& properties) {
  Answer::fields().each([&](const auto& listed) {
    using member = std::remove_cvref_t<decltype(std::declval<Answer>().*(listed.member))>;
    properties[listed.name] = type_schema<member>();
  });
}

/// What every answer may have instead: an error, or the word that the step goes on.
void add_other_answers(json& properties) {
  const json text{{"type", "string"}};
  for (const char* name : {"error", "code", "state", "step", "session_id", "instruction"})
    if (!properties.contains(name)) properties[name] = text;
  if (!properties.contains("elapsed_s")) properties["elapsed_s"] = {{"type", "number"}};
}

}  // namespace

json output_schema(const tool& t) {
  json properties = json::object();
  if (t.name == "autoresearch_setup" || t.name == "start_autoresearch")
    add_answer<session_opened>(properties);
  else if (t.name == "autoresearch_edit")
    add_answer<edit_answer>(properties);
  else if (t.name == "autoresearch_run")
    add_answer<run_answer>(properties);
  else if (t.name == "autoresearch_decide")
    add_answer<decide_answer>(properties);
  else if (t.name == "autoresearch_finalize")
    add_answer<finalize_answer>(properties);
  else if (t.name == "get_hive_best_tool")
    add_answer<best_tool_answer>(properties);
  else {
    add_answer<progress>(properties);
    add_answer<session_list>(properties);
  }
  add_other_answers(properties);
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"type", "object"},
          {"properties", std::move(properties)}};
}

json input_schema(const tool& t) {
  json properties = json::object();
  json required = json::array();
  for (const auto& a : t.arguments) {
    properties[std::string(a.name)] = argument_schema(a);
    if (a.required) required.push_back(std::string(a.name));
  }
  json schema = object_schema(std::move(properties), std::move(required));
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  return schema;
}

json describe_tools() {
  json all = json::array();
  for (const auto& t : tools())
    all.push_back({{"name", std::string(t.name)},
                   {"title", std::string(t.title)},
                   {"description", std::string(t.description)},
                   {"inputSchema", input_schema(t)},
                   {"outputSchema", output_schema(t)},
                   {"annotations",
                    {{"title", std::string(t.title)},
                     {"readOnlyHint", t.read_only},
                     {"destructiveHint", t.destructive},
                     {"idempotentHint", t.idempotent},
                     {"openWorldHint", false}}}});
  return {{"tools", std::move(all)}};
}

}  // namespace ratchet
