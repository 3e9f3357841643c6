// SPDX-License-Identifier: MIT
#include "runtime/tools/answer_schema.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

json text_list_schema() { return {{"type", "array"}, {"items", {{"type", "string"}}}}; }

json command_schema() {
  json list = text_list_schema();
  return {{"anyOf", json::array({json{{"type", "string"}}, std::move(list)})}};
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
    case argument_kind::gates:
      return {{"type", "array"}};  // told by a line of `options`
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

/// "plateau: end after so many …", or the name alone.
std::string option_words(const tool_argument& a) {
  std::string name(a.name);
  if (a.line_in_options == name) return name;
  using enum argument_kind;
  if (a.kind == text_list || a.kind == guards || a.kind == gates) name += " (list)";
  return name + ": " + a.line_in_options;
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
  json properties = t.answer();
  add_other_answers(properties);
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"type", "object"},
          {"properties", std::move(properties)}};
}

json input_schema(const tool& t) {
  json properties = json::object();
  json required = json::array();
  std::string options;
  for (const auto& a : t.arguments) {
    if (!a.line_in_options.empty()) {
      options += (options.empty() ? "" : "; ") + option_words(a);
      continue;
    }
    properties[std::string(a.name)] = argument_schema(a);
    if (a.required) required.push_back(std::string(a.name));
  }
  if (!options.empty())
    properties[std::string(options_argument)] = {
        {"type", "object"}, {"description", "More arguments, by name. " + options + "."}};
  json schema = object_schema(std::move(properties), std::move(required));
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  return schema;
}

namespace {

json described(const tool& t) {
  return {{"name", std::string(t.name)},
          {"title", std::string(t.title)},
          {"description", std::string(t.description)},
          {"inputSchema", input_schema(t)},
          {"outputSchema", output_schema(t)},
          {"annotations",
           {{"title", std::string(t.title)},
            {"readOnlyHint", t.read_only},
            // What changes is Ratchet's own copy and a branch of its own; in place,
            // commits are added to the user's.
            {"destructiveHint", false},
            {"idempotentHint", t.idempotent},
            {"openWorldHint", false}}}};
}

}  // namespace

json describe_tools() {
  json all = json::array();
  for (const auto& t : tools()) all.push_back(described(t));
  return {{"tools", std::move(all)}};
}

json tools_for_hosts() {
  json all = json::array();
  for (const auto& t : tools())
    if (!t.for_people) all.push_back(described(t));
  return all;
}

}  // namespace ratchet
