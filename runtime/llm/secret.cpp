// SPDX-License-Identifier: MIT
#include "runtime/llm/secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_key_bytes = 4096;

failure refused(const std::string& text) {
  return fail(errc::invalid_argument, text, {{"field", "edit_backend"}});
}

/// Anything else would end the header it is put into, or not be a key.
bool is_key(const std::string& key) {
  return !key.empty() && key.size() <= max_key_bytes &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::string at_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  return path.starts_with("~/") && home ? std::string(home) + path.substr(1) : path;
}

}  // namespace

expected<std::string> read_key(const chat_model& model) {
  if (!model.api_key_env.empty()) {
    const char* value = std::getenv(model.api_key_env.c_str());
    std::string key(trimmed(value ? value : ""));
    const std::string name = "api_key_env names the variable " + shown(model.api_key_env, 80);
    if (key.empty())
      return refused(name +
                     ", which is not set in Ratchet's environment; export it, or give "
                     "api_key_file");
    if (!is_key(key))
      return refused(name + ", whose value is no key: blanks or control characters");
    return key;
  }
  if (model.api_key_file.empty()) return std::string();
  const std::string path = at_home(model.api_key_file);
  const std::string name = "api_key_file names " + shown(path, 200);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return refused(name + ", which is no regular file");
  std::ifstream file(path, std::ios::binary);
  std::string text(max_key_bytes + 64, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad())
    return refused(name + ", which cannot be read; check its mode");
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::string key(trimmed(text));
  if (!is_key(key))
    return refused(name + ", which does not hold one key: one line of at most 4096 characters");
  return key;
}

std::string without_key(std::string text, const std::string& key) {
  if (key.empty()) return text;
  for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += 5)
    text.replace(at, key.size(), "[key]");
  return text;
}

}  // namespace ratchet
