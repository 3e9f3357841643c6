// SPDX-License-Identifier: MIT
//
// Reading a tool's answer: a key that is absent or of another kind is as good as none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet::cli {

inline std::string text_of(const json& answer, const char* key) {
  auto it = answer.find(key);
  return it != answer.end() && it->is_string() ? it->get<std::string>() : "";
}

inline std::optional<double> number_of(const json& answer, const char* key) {
  auto it = answer.find(key);
  return it != answer.end() && it->is_number() ? std::optional(it->get<double>()) : std::nullopt;
}

inline int integer_of(const json& answer, const char* key, int otherwise) {
  auto value = number_of(answer, key);
  return value ? static_cast<int>(*value) : otherwise;
}

inline bool flag_of(const json& answer, const char* key) {
  auto it = answer.find(key);
  return it != answer.end() && it->is_boolean() && it->get<bool>();
}

inline std::vector<std::string> texts_of(const json& answer, const char* key) {
  std::vector<std::string> texts;
  if (auto it = answer.find(key); it != answer.end() && it->is_array())
    for (const auto& one : *it)
      if (one.is_string()) texts.push_back(one.get<std::string>());
  return texts;
}

}  // namespace ratchet::cli
