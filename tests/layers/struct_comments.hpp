// SPDX-License-Identifier: MIT
//
// What the headers of messages/ say beside their structs and members, and what the compiler knows
// of those: for pages and other texts that are made from them.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet::layers {

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "struct" → what is said of it, "struct member" → what is said of that.
using comments = std::map<std::string, std::string>;

inline void append(std::string& text, const std::string& more) {
  text += (text.empty() ? "" : " ") + more;
}

inline void read_comments(const std::filesystem::path& header, comments& said) {
  static const std::regex above("\\s*/// (.*)"), more("\\s*///< (.*)"), type("struct (\\w+).*"),
      member("  .*?(\\w+)(?: = [^;]*)?;(?:\\s*///< (.*))?");
  std::ifstream in(header);
  std::string name, before, last;
  std::smatch m;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, m, above)) {
      append(before, m[1]);
    } else if (std::regex_match(line, m, more)) {
      append(said[last], m[1]);
    } else if (std::regex_match(line, m, type)) {
      name = m[1];
      said[name] = std::exchange(before, "");
    } else if (std::regex_match(line, m, member)) {
      last = name + " " + m[1].str();
      said[last] = std::exchange(before, "") + m[2].str();
    } else {
      before.clear();
    }
  }
}

/// Of all headers of messages/.
inline comments read_all_comments(const std::filesystem::path& root) {
  comments said;
  for (const auto& file : std::filesystem::directory_iterator(root / "messages"))
    if (file.path().extension() == ".hpp") read_comments(file.path(), said);
  return said;
}

/// Without its namespaces.
template <class T>
std::string name_of_type() {
  const std::string_view text = __PRETTY_FUNCTION__;
  auto begin = text.find("T = ") + 4;
  const auto full = text.substr(begin, text.find_first_of(";]", begin) - begin);
  return std::string(full.substr(full.rfind(':') + 1));
}

/// What a list is of; void for what is none.
template <class T>
struct element {
  using type = void;
};
template <class T>
struct element<std::vector<T>> {
  using type = T;
};

}  // namespace ratchet::layers
