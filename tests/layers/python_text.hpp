// SPDX-License-Identifier: MIT
//
// Python as it is written: names, literals and docstrings of lines of at most 100 columns.
#pragma once

#include <cctype>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet::layers {

/// "session_opened" → "SessionOpened".
inline std::string class_name(std::string_view snake) {
  std::string name;
  bool first = true;
  for (char c : snake) {
    if (c != '_') name += first ? static_cast<char>(std::toupper(c)) : c;
    first = c == '_';
  }
  return name;
}

template <class Words>
std::string literal(const Words& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
  return "Literal[" + list + "]";
}

/// "tool_score" → "Tool score."
inline std::string as_sentence(std::string snake) {
  for (char& c : snake)
    if (c == '_') c = ' ';
  snake[0] = static_cast<char>(std::toupper(snake[0]));
  return snake + ".";
}

inline std::size_t columns(std::string_view utf8) {
  std::size_t n = 0;
  for (char c : utf8) n += (c & 0xC0) != 0x80;
  return n;
}

/// As lines that begin with `indent`, those after the first with four blanks more if it `hangs`.
inline std::string wrapped(const std::string& text, std::string indent, bool hangs = false) {
  std::istringstream words(text);
  std::string lines, line = indent;
  for (std::string word; words >> word;) {
    if (line.size() > indent.size() && columns(line) + 1 + columns(word) > 100) {
      lines += line + "\n";
      if (std::exchange(hangs, false)) indent += "    ";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + word;
  }
  return lines + line + "\n";
}

/// A member of a class; a Literal that is too long for its line is wrapped.
inline std::string annotated(const std::string& name, const std::string& type) {
  const std::string line = "    " + name + ": " + type;
  const auto begin = line.find("Literal[") + 8;
  if (columns(line) <= 100 || begin < 8) return line + "\n";
  return line.substr(0, begin) + "\n" +
         wrapped(line.substr(begin, line.rfind(']') - begin), "        ") + "    ]\n";
}

/// Text, and below a title lines of "name: what is said of it", or of the name alone.
struct docstring {
  std::vector<std::string> paragraphs;
  std::string title;
  std::vector<std::pair<std::string, std::string>> entries;

  std::string at(const std::string& indent) const {
    std::string text;
    for (const auto& paragraph : paragraphs)
      text +=
          text.empty() ? wrapped("\"\"\"" + paragraph, indent) : "\n" + wrapped(paragraph, indent);
    if (!entries.empty()) text += "\n" + indent + title + ":\n";
    for (const auto& [name, what] : entries)
      text += wrapped(what.empty() ? name : name + ": " + what, indent + "    ", true);
    if (text.find('\n') + 1 < text.size() || columns(text) + 3 > 101)
      return text + indent + "\"\"\"\n";
    text.pop_back();
    return text + "\"\"\"\n";
  }
};

}  // namespace ratchet::layers
