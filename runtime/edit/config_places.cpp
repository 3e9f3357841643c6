// SPDX-License-Identifier: MIT
#include "runtime/edit/config_places.hpp"

#include <algorithm>

#include "runtime/edit/pieces.hpp"

namespace ratchet {

namespace {

constexpr int longest_list = 4;

/// What stands left and right of a literal on its line; a comment on the right is left out.
struct sides {
  std::string_view left, right;
};

sides sides_of(const source_map& source, std::size_t i) {
  const auto& t = source.tokens()[i];
  auto right = source.line_after(t.end);
  if (i + 1 < source.tokens().size()) {
    const auto& next = source.tokens()[i + 1];
    if (next.kind == token_kind::comment && next.line == t.line)
      right = right.substr(0, next.begin - t.end);
  }
  return {source.line_before(t.begin), trimmed(right)};
}

config_place unplaced(std::string why, std::string name = "") {
  return {std::move(name), {}, why, false};
}

config_place json_place(const source_map& source, std::size_t i) {
  const auto& tokens = source.tokens();
  config_place place;
  auto key_before = [&](int token) {
    return token >= 0 && tokens[static_cast<std::size_t>(token)].kind == token_kind::string
               ? unquoted(source.word(static_cast<std::size_t>(token)))
               : std::string();
  };
  const bracket* b = source.around(i);
  auto gap =
      i > 0 ? trimmed(source.text().substr(tokens[i - 1].end, tokens[i].begin - tokens[i - 1].end))
            : std::string_view();
  if (b && b->open == '[') {
    if (b->commas >= longest_list) return unplaced("one of a list", key_before(b->before));
    place.name = key_before(b->before);
    b = source.above(*b);
  } else if (gap == ":") {
    place.name = key_before(static_cast<int>(i) - 1);
  } else if (!b) {
    place.name = "value";
    return place;
  }
  if (place.name.empty()) return unplaced("not the value of a key");
  for (; b; b = source.above(*b))
    if (auto key = key_before(b->before); !key.empty() && b->parent >= 0)
      place.parents.insert(place.parents.begin(), key);
  return place;
}

/// The keys above a YAML line, by indentation.
std::vector<std::string> yaml_parents(const source_map& source, std::size_t offset,
                                      std::size_t indent) {
  static const RE2 key("^(\\s*(?:-\\s+)*)[\"']?([^\\s\"':#][^\"':#]*?)[\"']?\\s*:");
  std::vector<std::string> out;
  auto text = source.text();
  auto start = offset - source.line_before(offset).size();
  while (start > 0 && indent > 0) {
    auto end = start - 1;
    start = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
    auto line = text.substr(start, end - start);
    re2::StringPiece lead, name;
    if (!RE2::PartialMatch(piece(line), key, &lead, &name) || lead.size() >= indent) continue;
    indent = lead.size();
    out.insert(out.begin(), std::string(name));
  }
  return out;
}

config_place yaml_place(const source_map& source, std::size_t i) {
  static const RE2 block(
      "^(\\s*(?:-\\s+)*)[\"']?([^\\s\"':#{}\\[\\],][^\"'#{}\\[\\],]*?)[\"']?"
      "\\s*:\\s+$");
  static const RE2 flow("[{,]\\s*[\"']?([\\w.\\-]+)[\"']?\\s*:\\s*$");
  static const RE2 item("^(\\s*)(?:-\\s+)+$");
  static const RE2 flow_list("^(\\s*(?:-\\s+)*)[\"']?([\\w.\\- ]+?)[\"']?\\s*:\\s*\\[");
  const auto& t = source.tokens()[i];
  auto left = source.line_before(t.begin);
  re2::StringPiece lead, name;
  config_place place;
  const bracket* b = source.around(i);
  if (b && b->open == '[') {
    if (!RE2::PartialMatch(piece(left), flow_list, &lead, &name) || b->commas >= longest_list)
      return unplaced("one of a list");
  } else if (b) {
    if (!RE2::PartialMatch(piece(left), flow, &name)) return unplaced("not the value of a key");
    lead = left.substr(0, left.find_first_not_of(' '));
    if (RE2::PartialMatch(piece(left), flow_list, nullptr, nullptr))
      return unplaced("one of a list");
    re2::StringPiece outer;
    static const RE2 outer_key("^\\s*(?:-\\s+)*[\"']?([\\w.\\- ]+?)[\"']?\\s*:\\s*\\{");
    place.parents = yaml_parents(source, t.begin, lead.size());
    if (RE2::PartialMatch(piece(left), outer_key, &outer)) place.parents.emplace_back(outer);
    place.name = std::string(name);
    return place;
  } else if (RE2::PartialMatch(piece(left), item, &lead)) {
    // A list may stand as deep as its key.
    auto parents = yaml_parents(source, t.begin, lead.size() + 1);
    if (parents.empty()) return unplaced("not the value of a key");
    place.name = parents.back();
    parents.pop_back();
    place.parents = std::move(parents);
    return place;
  } else if (!RE2::PartialMatch(piece(left), block, &lead, &name)) {
    return unplaced("not the value of a key");
  }
  place.name = std::string(name);
  place.parents = yaml_parents(source, t.begin, lead.size());
  return place;
}

config_place table_place(const source_map& source, std::size_t i) {
  static const RE2 line("^\\s*(?:export\\s+)?[\"']?([\\w.\\-]+)[\"']?\\s*[=:]\\s*(\\[?).*$");
  static const RE2 whole("^\\s*(?:export\\s+)?[\"']?([\\w.\\-]+)[\"']?\\s*[=:]\\s*$");
  static const RE2 flow("[{,]\\s*[\"']?([\\w.\\-]+)[\"']?\\s*=\\s*$");
  static const RE2 header("^\\s*\\[+\\s*([^\\]]+?)\\s*\\]");
  const auto& t = source.tokens()[i];
  auto left = source.line_before(t.begin);
  config_place place;
  re2::StringPiece name;
  const bracket* b = source.around(i);
  if (b && b->open == '[') {
    if (b->commas >= longest_list || b->before < 0 ||
        !RE2::PartialMatch(piece(source.line_before(b->at)), whole, &name))
      return unplaced("one of a list");
  } else if (!RE2::PartialMatch(piece(left), whole, &name) &&
             !RE2::PartialMatch(piece(left), flow, &name)) {
    return unplaced("not the value of a key");
  }
  place.name = std::string(name);
  auto text = source.text();
  for (auto start = t.begin - left.size(); start > 0;) {
    auto end = start - 1;
    auto before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    start = before == std::string_view::npos ? 0 : before + 1;
    if (RE2::PartialMatch(piece(text.substr(start, end - start)), header, &name)) {
      place.parents.emplace_back(name);
      break;
    }
  }
  return place;
}

config_place make_place(const source_map& source, std::size_t i) {
  static const RE2 variable(
      "^(?:export\\s+|override\\s+)?([A-Za-z_][\\w.\\-]*)\\s*[:?]{0,3}=\\s*$");
  static const RE2 docker("^\\s*(?:ENV|ARG)\\s+([A-Za-z_]\\w*)[= ]$");
  static const RE2 macro("-D([A-Za-z_]\\w*)=$");
  auto [left, right] = sides_of(source, i);
  re2::StringPiece name;
  if (RE2::PartialMatch(piece(left), macro, &name)) return {std::string(name), {}, "", false};
  if (!left.empty() && left.front() == '\t') return unplaced("in a command");
  if ((RE2::PartialMatch(piece(left), variable, &name) && right.empty()) ||
      RE2::PartialMatch(piece(left), docker, &name))
    return {std::string(name), {}, "", false};
  return unplaced("not the whole value of a variable");
}

config_place cmake_place(const source_map& source, std::size_t i) {
  static const RE2 set("(?i)^\\s*set\\s*\\(\\s*([A-Za-z_]\\w*)\\s+$");
  static const RE2 set_end("(?i)^(?:\\)|CACHE\\b|PARENT_SCOPE\\b)");
  static const RE2 macro("-D([A-Za-z_]\\w*)=$");
  static const RE2 definition("(?:^|[\\s(])([A-Za-z_]\\w*)=$");
  static const RE2 versioned("(?i)\\bVERSION\\s+$");
  auto [left, right] = sides_of(source, i);
  re2::StringPiece name;
  if (RE2::PartialMatch(piece(left), versioned)) return unplaced("a version");
  if (RE2::PartialMatch(piece(left), set, &name) && RE2::PartialMatch(piece(right), set_end))
    return {std::string(name), {}, "", false};
  if (RE2::PartialMatch(piece(left), macro, &name)) return {std::string(name), {}, "", false};
  const bracket* b = source.around(i);
  if (b && source.callee(*b).find("definitions") != std::string::npos &&
      RE2::PartialMatch(piece(left), definition, &name))
    return {std::string(name), {}, "", false};
  return unplaced("not the whole value of a variable");
}

config_place shell_place(const source_map& source, std::size_t i) {
  static const RE2 assignment("(?:^|[\\s;])([A-Za-z_]\\w*)=$");
  static const RE2 fallback("\\$\\{([A-Za-z_]\\w*):?[-=]$");
  static const RE2 flag("(?:^|\\s)(--[A-Za-z][\\w\\-]*)=$");
  static const RE2 macro("-D([A-Za-z_]\\w*)=$");
  auto left = source.line_before(source.tokens()[i].begin);
  auto head = source.first_word(source.tokens()[i].line);
  re2::StringPiece name;
  if (RE2::PartialMatch(piece(left), fallback, &name)) return {std::string(name), {}, "", false};
  if (head == "for" || head == "while" || head == "until") return unplaced("in a loop's header");
  if (head == "if" || head == "elif" || head == "case" || head == "test" || head == "return" ||
      head == "exit")
    return unplaced("in a condition");
  if (RE2::PartialMatch(piece(left), macro, &name) || RE2::PartialMatch(piece(left), flag, &name))
    return {std::string(name), {}, "", false};
  if (RE2::PartialMatch(piece(left), assignment, &name)) return {std::string(name), {}, "", true};
  return unplaced("an argument of a command");
}

config_place sql_place(const source_map& source, std::size_t i) {
  static const RE2 pragma("(?i)(?:^|;)\\s*PRAGMA\\s+(?:\\w+\\.)?(\\w+)\\s*[=(]\\s*$");
  static const RE2 set(
      "(?i)(?:^|;)\\s*SET\\s+(?:SESSION\\s+|GLOBAL\\s+|LOCAL\\s+|@@?)?([\\w.]+)\\s*"
      "(?:=|TO\\b)\\s*$");
  auto [left, right] = sides_of(source, i);
  re2::StringPiece name;
  bool ends = right.empty() || right.front() == ';' || right.front() == ')';
  if (ends &&
      (RE2::PartialMatch(piece(left), pragma, &name) || RE2::PartialMatch(piece(left), set, &name)))
    return {std::string(name), {}, "", false};
  return unplaced("part of a statement");
}

config_place prose_place(const source_map& source, std::size_t i) {
  static const RE2 key("^\\s*([A-Za-z_][\\w .\\-]{0,40}?)\\s*[:=]\\s*$");
  auto [left, right] = sides_of(source, i);
  re2::StringPiece name;
  if (right.empty() && RE2::PartialMatch(piece(left), key, &name))
    return {std::string(name), {}, "", false};
  if (right.empty() && trimmed(left).empty())
    return {"line " + std::to_string(source.tokens()[i].line), {}, "", false};
  return unplaced("a number in a text");
}

}  // namespace

config_place config_place_of(const source_map& source, std::size_t token) {
  switch (source.family()) {
    case file_family::json:
      return json_place(source, token);
    case file_family::yaml:
      return yaml_place(source, token);
    case file_family::table:
      return table_place(source, token);
    case file_family::make:
      return make_place(source, token);
    case file_family::cmake:
      return cmake_place(source, token);
    case file_family::shell:
      return shell_place(source, token);
    case file_family::sql:
      return sql_place(source, token);
    default:
      return prose_place(source, token);
  }
}

}  // namespace ratchet
