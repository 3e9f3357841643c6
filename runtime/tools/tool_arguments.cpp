// SPDX-License-Identifier: MIT
#include "runtime/tools/tool_arguments.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stack>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_depth = 32;  // of nested lists and objects
constexpr std::size_t max_list_items = 10'000;
constexpr double max_exact_integer = 9007199254740992.0;  // 2^53: JSON numbers beyond are not exact

bool is_valid_utf8(const std::string& text) {
  if (std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; })) return true;
  std::string without_nul = text;
  std::replace(without_nul.begin(), without_nul.end(), '\0', ' ');
  return valid_utf8(without_nul) == without_nul;
}

std::string bytes_in_words(std::size_t n) {
  if (n >= (1u << 20) && n % (1u << 20) == 0) return std::to_string(n >> 20) + " MiB";
  if (n >= (1u << 10) && n % (1u << 10) == 0) return std::to_string(n >> 10) + " KiB";
  return std::to_string(n) + " bytes";
}

// Text everywhere in a value must be UTF-8 and numbers finite: it is all stored as JSON. Sizes and
// depth have been checked.
expected<> check_content(std::string_view field, const json& value, bool allow_nul) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!is_valid_utf8(text))
      return refuse_argument(field, std::string(field) + " is not valid UTF-8: " + as_given(value));
    if (!allow_nul && text.find('\0') != std::string::npos)
      return refuse_argument(field,
                             std::string(field) + " has a NUL byte in it: " + as_given(value));
  } else if (value.is_number_float()) {
    if (!std::isfinite(value.get<double>()))
      return refuse_argument(
          field, std::string(field) + " must be a finite number, not " + as_given(value));
  } else if (value.is_binary() || value.is_discarded()) {
    return refuse_argument(field, std::string(field) + " is not a JSON value");
  } else if (value.is_structured()) {
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (value.is_object())
        if (auto ok = check_content(field, json(it.key()), false); !ok) return ok;
      if (auto ok = check_content(field, *it, allow_nul); !ok) return ok;
    }
  }
  return {};
}

// 1000000 and not 1e+06.
std::string plain_number(double x) {
  auto whole = static_cast<std::int64_t>(std::abs(x) < 1e15 ? x : 0);
  return static_cast<double>(whole) == x ? std::to_string(whole) : shortest(x);
}

std::string range_in_words(const tool_argument& a) {
  if (a.minimum && a.maximum)
    return " from " + plain_number(*a.minimum) + " to " + plain_number(*a.maximum);
  if (a.minimum) return " of at least " + plain_number(*a.minimum);
  if (a.maximum) return " of at most " + plain_number(*a.maximum);
  return "";
}

std::string expected_kind(const tool_argument& a) {
  switch (a.kind) {
    case argument_kind::text:
      return a.allowed.empty() ? "text" : list_words(a.allowed);
    case argument_kind::integer:
      return "an integer" + range_in_words(a);
    case argument_kind::number:
      return "a finite number" + range_in_words(a);
    case argument_kind::boolean:
      return "true or false";
    case argument_kind::text_list:
      return "a list of text";
    case argument_kind::command:
      return "a command: text for /bin/sh -c, or a list of text (program and arguments)";
    case argument_kind::edits:
      return "a list of {file, search, replace}";
    case argument_kind::text_or_object:
      return "text or an object";
    case argument_kind::guards:
      return "a list of metric names or {name, pattern, pick, direction, max_regression}";
    case argument_kind::gates:
      return "a list of {name, command, timeout_s}";
    case argument_kind::count_or_auto:
      return "\"auto\" or an integer" + range_in_words(a);
  }
  return "another kind of value";
}

bool is_text_list(const json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const json& x) { return x.is_string(); });
}

bool is_object_list(const json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const json& x) { return x.is_object(); });
}

bool fits(const tool_argument& a, const json& value) {
  switch (a.kind) {
    case argument_kind::text:
      return value.is_string() &&
             (a.allowed.empty() ||
              std::find(a.allowed.begin(), a.allowed.end(), value.get_ref<const std::string&>()) !=
                  a.allowed.end());
    case argument_kind::count_or_auto:
      if (value == "auto") return true;
      [[fallthrough]];
    case argument_kind::integer:
    case argument_kind::number: {
      if (!value.is_number()) return false;
      double x = value.get<double>();
      if (!std::isfinite(x)) return false;
      if (a.kind != argument_kind::number &&
          (x != std::floor(x) || std::abs(x) > max_exact_integer))
        return false;
      return (!a.minimum || x >= *a.minimum) && (!a.maximum || x <= *a.maximum);
    }
    case argument_kind::boolean:
      return value.is_boolean();
    case argument_kind::text_list:
      return is_text_list(value);
    case argument_kind::command:
      return value.is_string() || is_text_list(value);
    case argument_kind::edits:
    case argument_kind::gates:
      return is_object_list(value);
    case argument_kind::text_or_object:
      return value.is_string() || value.is_object();
    case argument_kind::guards:
      return value.is_array() && std::all_of(value.begin(), value.end(), [](const json& x) {
               return x.is_string() || x.is_object();
             });
  }
  return false;
}

bool names_git(std::string_view component) {
  return component.size() == 4 && component[0] == '.' && (component[1] | 0x20) == 'g' &&
         (component[2] | 0x20) == 'i' && (component[3] | 0x20) == 't';
}

}  // namespace

// Walks a value without recursion, so that deep nesting is a refusal and not the end of the stack.
expected<> check_size(std::string_view field, const json& value, std::size_t max_bytes) {
  std::size_t bytes = 0;
  std::vector<std::pair<const json*, std::size_t>> open{{&value, 1}};
  while (!open.empty()) {
    auto [at, depth] = open.back();
    open.pop_back();
    if (depth > max_depth)
      return refuse_argument(field, std::string(field) + " is nested deeper than " +
                                        std::to_string(max_depth) + " levels");
    if (at->is_string()) bytes += at->get_ref<const std::string&>().size();
    if (at->is_structured() && at->size() > max_list_items)
      return refuse_argument(field, std::string(field) + " has a list of " +
                                        std::to_string(at->size()) + " items; at most " +
                                        std::to_string(max_list_items) + " are allowed");
    for (auto it = at->begin(); at->is_structured() && it != at->end(); ++it) {
      if (at->is_object()) bytes += it.key().size();
      open.emplace_back(&*it, depth + 1);
    }
    if (bytes > max_bytes)
      return refuse_argument(field, std::string(field) + " is too long: more than " +
                                        bytes_in_words(max_bytes) + " of text");
  }
  return {};
}

failure refuse_argument(std::string_view field, std::string text) {
  return fail(errc::invalid_argument, std::move(text), {{"field", std::string(field)}});
}

std::string as_given(const json& value) {
  auto quoted = [](const std::string& text) {
    std::string short_text(utf8_prefix(text, 60));
    bool cut = short_text.size() < text.size();
    std::string line = json(short_text).dump(-1, ' ', false, json::error_handler_t::replace);
    if (std::string_view clipped = utf8_prefix(line, 70); clipped.size() < line.size()) {
      line = std::string(clipped) + '"';
      cut = true;
    }
    return cut ? line + "…" : line;
  };
  if (value.is_string()) return quoted(value.get_ref<const std::string&>());
  if (value.is_number_float() && !std::isfinite(value.get<double>()))
    return std::isnan(value.get<double>()) ? "NaN" : "infinity";
  if (value.is_array() && value.size() > 4)
    return "a list of " + std::to_string(value.size()) + " items";
  if (value.is_structured()) {
    bool flat = std::all_of(value.begin(), value.end(), [](const json& x) {
      return !x.is_structured() && (!x.is_string() || x.get_ref<const std::string&>().size() < 80);
    });
    if (flat && value.size() <= 4) {
      std::string line = value.dump(-1, ' ', false, json::error_handler_t::replace);
      if (line.size() <= 80) return line;
    }
    return value.is_array() ? "a list of " + std::to_string(value.size()) + " items"
                            : "an object with " + std::to_string(value.size()) + " keys";
  }
  return value.dump();
}

const json* given(const json& object, std::string_view name) {
  auto it = object.find(std::string(name));
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

expected<> check_argument(const tool_argument& a, const json& value) {
  if (auto ok = check_size(a.name, value, a.max_bytes); !ok) return ok;
  if (!fits(a, value))
    return refuse_argument(
        a.name, std::string(a.name) + " must be " + expected_kind(a) + ", not " + as_given(value));
  if (a.max_items > 0 && value.size() > a.max_items)
    return refuse_argument(a.name, std::string(a.name) + " has " + std::to_string(value.size()) +
                                       " entries; at most " + std::to_string(a.max_items) +
                                       " are allowed");
  bool allow_nul = a.name == "content" || a.kind == argument_kind::edits;
  return check_content(a.name, value, allow_nul);
}

expected<std::string> inside_path(std::string_view field, const std::string& text) {
  auto no = [&](std::string why) {
    return refuse_argument(field, std::string(field) + " " + why + ": " + as_given(text) +
                                      "; give a path inside the repository, such as "
                                      "\"src/train.py\"");
  };
  std::string path = text;
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.empty() || path == ".") return no("names no file");
  if (path.size() > 4096) return no("is longer than 4096 bytes");
  if (path.find('\0') != std::string::npos) return no("has a NUL byte in it");
  if (path.front() == '/') return no("must be relative to the repository, not absolute");
  std::string_view rest = path;
  while (true) {
    std::size_t end = rest.find('/');
    std::string_view component = rest.substr(0, end);
    if (component.empty() || component == ".") return no("has an empty or \".\" part");
    if (component == "..") return no("must not contain \"..\"");
    if (names_git(component)) return no("must not be inside a .git directory");
    if (end == std::string_view::npos) return path;
    rest.remove_prefix(end + 1);
  }
}

expected<std::string> absolute_path(std::string_view field, const std::string& text) {
  if (text.empty()) return refuse_argument(field, std::string(field) + " must not be empty");
  if (text.size() > 4096)
    return refuse_argument(field, std::string(field) + " is longer than 4096 bytes");
  std::error_code error;
  auto path = std::filesystem::absolute(text, error);
  if (error)
    return refuse_argument(field, std::string(field) + " " + as_given(text) +
                                      " is relative and the current directory cannot be read (" +
                                      error.message() + "); give an absolute path");
  // "." parts mean nothing; ".." may lead elsewhere through a symlink and stays.
  std::filesystem::path tidy;
  for (const auto& part : path)
    if (part != "." && !part.empty()) tidy /= part;
  return tidy.string();
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

expected<command_line> command_argument(std::string_view field, const json& value) {
  auto no = [&](std::string why) {
    return refuse_argument(field, std::string(field) + " " + why +
                                      "; give text for /bin/sh -c, or a list: program, arguments");
  };
  if (!value.is_string() && !is_text_list(value))
    return no("must be text or a list of text, not " + as_given(value));
  command_line command;
  if (value.is_string()) {
    command.shell = value.get<std::string>();
    if (one_line(command.shell, 1).empty()) return no("is empty");
    if (command.shell.find('\0') != std::string::npos) return no("has a NUL byte in it");
    return command;
  }
  command.argv = value.get<std::vector<std::string>>();
  if (command.argv.empty()) return no("is an empty list");
  if (command.argv.front().empty()) return no("names no program: its first item is empty");
  for (const auto& word : command.argv)
    if (word.find('\0') != std::string::npos) return no("has a NUL byte in it");
  return command;
}

expected<> check_keys(std::string_view field, const json& object,
                      const std::vector<std::string>& known,
                      const std::vector<std::string>& required) {
  for (auto it = object.begin(); it != object.end(); ++it)
    if (std::find(known.begin(), known.end(), it.key()) == known.end())
      return refuse_argument(field, std::string(field) + " has an unknown key " +
                                        as_given(it.key()) + "." + suggestion(it.key(), known));
  for (const auto& key : required)
    if (!object.contains(key))
      return refuse_argument(
          field, std::string(field) + ": " + as_given(object) + " lacks the key \"" + key + '"');
  return {};
}

std::string list_words(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += '"' + std::string(words[i]) + '"';
  }
  return out;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  std::string nearest = nearest_word(word.substr(0, 200), known);
  return nearest.empty() ? "" : " Did you mean \"" + nearest + "\"?";
}

}  // namespace ratchet
