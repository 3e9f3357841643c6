// SPDX-License-Identifier: MIT
//
// The JSON Schema of an answer's members, from the struct that it is.
#pragma once

#include "messages/json.hpp"

namespace ratchet {

/// The answer is one of several.
template <class... Answers>
struct either {};

namespace detail {

template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};

/// The schema of a member, from its C++ type.
template <class T>
json type_schema() {
  if constexpr (is_optional<T>::value) {
    auto schema = type_schema<typename T::value_type>();
    if (schema.contains("type") && schema["type"].is_string())
      schema["type"] = json::array({schema["type"], "null"});
    return schema;
  } else if constexpr (named_enum<T>) {
    json names = json::array();
    for (const auto& [value, name] : enum_names<T>::value) names.push_back(std::string(name));
    return {{"type", "string"}, {"enum", std::move(names)}};
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
void add_members(json& properties, std::type_identity<Answer>) {
  Answer::fields().each([&](const auto& listed) {
    using member = std::remove_cvref_t<decltype(std::declval<Answer>().*(listed.member))>;
    properties[listed.name] = type_schema<member>();
  });
}

template <class... Answers>
void add_members(json& properties, std::type_identity<either<Answers...>>) {
  (add_members(properties, std::type_identity<Answers>()), ...);
}

}  // namespace detail

/// Name to schema.
template <class Answer>
json answer_members() {
  json properties = json::object();
  detail::add_members(properties, std::type_identity<Answer>());
  return properties;
}

}  // namespace ratchet
