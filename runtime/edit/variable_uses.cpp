// SPDX-License-Identifier: MIT
#include "runtime/edit/variable_uses.hpp"

#include <cmath>

#include "runtime/edit/pieces.hpp"

namespace ratchet {

namespace {

bool holds_word(std::string_view text, std::string_view word) {
  auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    auto end = at + word.size();
    if ((at == 0 || !part(text[at - 1])) && (end >= text.size() || !part(text[end]))) return true;
  }
  return false;
}

}  // namespace

std::string variable_uses::objection(std::string_view name, std::size_t literal,
                                     const number_form& form, bool boolean) const {
  constexpr const char* changes = "it changes while the program runs";
  const auto& tokens = source_.tokens();
  bool from_nothing =
      boolean || form.value == 0 || std::fabs(form.value) == 1 || std::fabs(form.value) >= 1e6;
  bool shell = source_.family() == file_family::shell;
  for (std::size_t i : source_.uses(name)) {
    const auto& t = tokens[i];
    auto left = trimmed(source_.line_before(t.begin));
    auto right = trimmed(source_.line_after(t.end));
    if (right.starts_with("++") || right.starts_with("--") || left.ends_with("++") ||
        (left.ends_with("--") && !shell))
      return changes;
    for (std::string_view op : {"+=", "-=", "|=", "&=", "^=", "<<=", ">>=", ".fetch_add"})
      if (right.starts_with(op)) return changes;
    for (std::string_view op : {"*=", "/=", "%="})
      if (right.starts_with(op) && from_nothing) return changes;
    if (!right.starts_with('=') || right.starts_with("==") || right.starts_with("=>")) continue;
    const bracket* b = source_.around(i);
    if (b && b->open == '(') {
      auto callee = source_.callee(*b);
      if (callee != "for" && callee != "while" && callee != "if") continue;  // a keyword
    }
    // Another's member, or this one of an object.
    if (!left.empty() && (left.back() == '.' || left.back() == '>')) {
      if (from_nothing) return changes;
      continue;
    }
    if (i + 1 == literal) continue;  // the assignment we look at
    if (literal > i && tokens[literal].line == t.line && tokens[literal].begin > t.end &&
        source_.text().substr(t.end, tokens[literal].begin - t.end).find(';') ==
            std::string_view::npos)
      continue;
    if (from_nothing) return changes;
    // x = x - step is where a search starts, x = x * 0.9 a setting that decays.
    auto value = right.substr(1);
    if (holds_word(value, name) && value.find_first_of("+-") != std::string_view::npos)
      return changes;
  }
  if (!boolean && !form.real && std::fabs(form.value) <= 1 && name == "i") return changes;
  return "";
}

bool variable_uses::averages(std::string_view name, const std::vector<metric_role>& roles) const {
  bool bounds = false, divides = false;
  for (std::size_t i : source_.uses(name)) {
    const auto& t = source_.tokens()[i];
    auto left = trimmed(source_.line_before(t.begin));
    auto role = static_cast<std::size_t>(t.line - 1);
    if (left.ends_with('<') || left.ends_with("<=") || left.ends_with("range(") ||
        left.ends_with("..") || left.ends_with("..="))
      bounds = true;
    if (left.ends_with('/') && role < roles.size() && roles[role] != metric_role::none)
      divides = true;
  }
  return bounds && divides;
}

}  // namespace ratchet
