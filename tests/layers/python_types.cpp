// SPDX-License-Identifier: MIT
//
// python_types --write ROOT   makes values.py and tools.py of the Python package
// python_types --check ROOT   fails when they are not as the tools, settings and structs are
//
// Arguments are those of the table of tools with their texts, answers and payloads those of the
// structs as the compiler sees them, with the comments beside their members.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "messages/event_payloads.hpp"
#include "messages/type_ids.hpp"
#include "runtime/tools/answer_schema.hpp"
#include "runtime/tools/tools.hpp"
#include "tests/layers/python_text.hpp"
#include "tests/layers/struct_comments.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::layers;

namespace {

constexpr const char* made_by =
    "# SPDX-License-Identifier: MIT\n"
    "# Made by `python_types --write` from the tools, the settings and the structs of messages/.\n";

// -- values.py: a TypedDict a struct --------------------------------------------------------------

struct values_module {
  comments said;
  std::string classes;
  std::set<std::string> defined;
};

template <class T>
struct map_value {
  using type = void;
};
template <class T>
struct map_value<std::map<std::string, T>> {
  using type = T;
};

template <class T>
void define(values_module& module);

/// How Python writes the type; a struct in it is defined before.
template <class T>
std::string type_of(values_module& module) {
  if constexpr (detail::is_optional<T>::value) {
    return type_of<typename T::value_type>(module) + " | None";
  } else if constexpr (!std::is_void_v<typename element<T>::type>) {
    return "list[" + type_of<typename element<T>::type>(module) + "]";
  } else if constexpr (!std::is_void_v<typename map_value<T>::type>) {
    return "dict[str, " + type_of<typename map_value<T>::type>(module) + "]";
  } else if constexpr (named_enum<T>) {
    std::vector<std::string_view> words;
    for (const auto& [value, name] : enum_names<T>::value) words.push_back(name);
    return literal(words);
  } else if constexpr (has_fields<T>) {
    define<T>(module);
    return class_name(name_of_type<T>());
  } else {
    return std::is_same_v<T, bool>           ? "bool"
           : std::is_integral_v<T>           ? "int"
           : std::is_floating_point_v<T>     ? "float"
           : std::is_same_v<T, std::string>  ? "str"
           : std::is_same_v<T, command_line> ? "str | Sequence[str]"
                                             : "Any";
  }
}

/// What a caller may leave out of a struct among the arguments: what has a default.
template <class T>
constexpr bool is_given_by_callers =
    std::is_same_v<T, guard_metric> || std::is_same_v<T, external_gate>;

template <class T>
std::string member_type(values_module& module, const auto& listed) {
  using member = std::remove_cvref_t<decltype(std::declval<T>().*(listed.member))>;
  bool required = listed.when == presence::always;
  if constexpr (is_given_by_callers<T>)
    required = required && detail::is_empty(T{}.*(listed.member));
  if (required) return type_of<member>(module);
  if constexpr (detail::is_optional<member>::value)
    return "NotRequired[" + type_of<typename member::value_type>(module) + "]";
  else
    return "NotRequired[" + type_of<member>(module) + "]";
}

template <class T>
void define(values_module& module) {
  const std::string name = name_of_type<T>();
  if (!module.defined.insert(name).second) return;
  docstring doc{.title = "Keys"};
  std::string members;
  T::fields().each([&]<class Class, class Member>(const field<Class, Member>& listed) {
    members += annotated(listed.name, member_type<T>(module, listed));
    doc.entries.emplace_back(listed.name, module.said[name_of_type<Class>() + " " + listed.name]);
  });
  const auto& text = module.said[name];
  doc.paragraphs = {text.empty() ? as_sentence(name) : text};
  module.classes +=
      "\n\nclass " + class_name(name) + "(TypedDict):\n" + doc.at("    ") + "\n" + members;
}

constexpr const char* values_head = R"("""The dicts that tools take and answer, and the events.

A key that is NotRequired is left out when there is none; `null` in these words is None.
"""
from collections.abc import Sequence
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar
)";

constexpr const char* cloud_event_class = R"(

Type = TypeVar("Type")
Data = TypeVar("Data")


class CloudEvent(TypedDict, Generic[Type, Data]):
    """What happened, as a CloudEvents 1.0 object.

    Keys:
        id: the session and the sequence
        type: the topic
        time: RFC 3339, UTC, milliseconds
        sequence: 20 digits; as a number, `int(event["sequence"])`, it is an `after_seq`
        data: the payload of the topic
    """

    specversion: str
    id: str
    source: str
    type: Type
    time: str
    datacontenttype: str
    sequence: str
    data: Data


)";

/// The payloads, and the event that is one of them: its `type` tells which.
std::string events(values_module& module) {
  std::string kinds;
  each_event_payload([&]<class Payload>(std::type_identity<Payload>) {
    const std::string topic(Payload::topic);
    kinds += (kinds.empty() ? "    " : "    | ") + ("CloudEvent[Literal[\"" + topic + "\"], ") +
             type_of<Payload>(module) + "]\n";
  });
  return cloud_event_class + ("Event = (\n" + kinds + ")\n");
}

// -- tools.py: a function a tool ------------------------------------------------------------------

template <class Answer>
std::string answer_of(values_module& module, const tool& t) {
  auto& text = module.said[name_of_type<Answer>()];
  if (text.empty()) text = "What " + std::string(t.name) + " answers.";
  return type_of<Answer>(module);
}

/// The struct is found by the function that makes the schema of its members.
std::string answer_type(values_module& module, const tool& t) {
#define RATCHET_TRY(name) \
  if (t.answer == answer_members<ratchet::name>) return answer_of<ratchet::name>(module, t);
  RATCHET_HOST_MESSAGES(RATCHET_TRY)
  RATCHET_ROLE_MESSAGES(RATCHET_TRY)
  RATCHET_HIVE_MESSAGES(RATCHET_TRY)
#undef RATCHET_TRY
  throw std::runtime_error("python_types knows no struct that " + std::string(t.name) +
                           " answers: is it in messages/type_ids.hpp?");
}

std::string argument_type(values_module& module, const tool_argument& a) {
  using enum argument_kind;
  if (!a.allowed.empty()) return literal(a.allowed);
  const std::string list = "Sequence[";
  switch (a.kind) {
    case text:
      return "str";
    case integer:
      return "int";
    case number:
      return "float";
    case boolean:
      return "bool";
    case text_list:
      return list + "str]";
    case command:
      return "str | " + list + "str]";
    case edits:
      return list + "values." + type_of<search_replace>(module) + "]";
    case text_or_object:
      return "str | Mapping[str, Any]";
    case guards:
      return list + "str | values." + type_of<guard_metric>(module) + "]";
    case gates:
      return list + "values." + type_of<external_gate>(module) + "]";
    case count_or_auto:
      return "int | Literal[\"auto\"]";
  }
  return "Any";
}

/// One method: most tools are one; the status is two, since it answers one thing or another.
struct method {
  std::string name;
  const tool* called;
  std::vector<tool_argument> arguments;
  std::string answer;
};

/// "autoresearch_setup" → "setup", "get_autoresearch_status" → "status".
std::string method_name(const tool& t) {
  return std::regex_replace(std::string(t.name), std::regex("get_|autoresearch_|_autoresearch"),
                            "");
}

std::vector<method> methods(values_module& module) {
  std::vector<method> all;
  for (const auto& t : tools()) {
    if (t.name != tool_names::status) {
      all.push_back({method_name(t), &t, t.arguments, answer_type(module, t)});
      continue;
    }
    auto of_one = t.arguments;
    of_one.front() = find_tool(tool_names::run)->arguments.front();  // its session_id is required
    all.push_back({"status", &t, of_one, answer_of<progress>(module, t)});
    all.push_back({"sessions", &t, {}, answer_of<session_list>(module, t)});
  }
  return all;
}

std::string default_words(const tool_argument& a) {
  if (a.default_json.empty()) return "";
  const std::map<std::string, std::string> python{{"true", "True"}, {"false", "False"}};
  auto it = python.find(a.default_json);
  return " Default: " + (it == python.end() ? a.default_json : it->second) + ".";
}

/// start takes what setup takes, and that is not told twice.
bool is_told_by_setup(const tool& t, const tool_argument& a) {
  if (t.name != tool_names::start) return false;
  for (const auto& other : find_tool(tool_names::setup)->arguments)
    if (other.name == a.name) return true;
  return false;
}

docstring doc_of(const method& m) {
  docstring doc{.title = "Args"};
  const tool& t = *m.called;
  doc.paragraphs = {std::string(t.title) + " (" + std::string(t.name) + ").",
                    std::string(t.description)};
  for (const auto& a : m.arguments)
    if (!is_told_by_setup(t, a))
      doc.entries.emplace_back(a.name, a.description + default_words(a) +
                                           (a.name == "wait_ms" && t.step != session_step::none
                                                ? " In Python that answer is raised: StillRunning."
                                                : ""));
  return doc;
}

std::string parameters(values_module& module, const method& m) {
  std::string list;
  for (const auto& a : m.arguments)
    list += "        " + std::string(a.name) + ": " + argument_type(module, a) +
            (a.required ? "" : " | None = None") + ",\n";
  return list.empty() ? "self" : "\n        self,\n        *,\n" + list + "    ";
}

std::string written(values_module& module, const method& m) {
  return "\n    def " + m.name + "(" + parameters(module, m) + ") -> values." + m.answer + ":\n" +
         doc_of(m).at("        ") + "        answer: values." + m.answer + " = self._tool(\"" +
         std::string(m.called->name) + "\", locals())\n        return answer\n";
}

constexpr const char* tools_head =
    R"("""The tools as methods: what they take, in words, and what they answer."""
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import values
from .awaited import awaited


class Tools:
    """A method a tool, which waits for the answer. An argument that is None is not given."""

    def _tool(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError
)";

constexpr const char* awaited_tools_head = R"(

class AwaitedTools:
    """The same, to be awaited. A call whose task is cancelled ends its step, which is undone."""

    async def _tool(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

)";

std::string tools_text(values_module& module) {
  std::string text = std::string(made_by) + tools_head, again = awaited_tools_head;
  for (const auto& m : methods(module)) {
    text += written(module, m);
    again += "    " + m.name + " = awaited(Tools." + m.name + ")\n";
  }
  return text + again;
}

// -- files ----------------------------------------------------------------------------------------

using files = std::vector<std::pair<fs::path, std::string>>;

files made_for(const fs::path& root) {
  values_module module{.said = read_all_comments(root)};
  const std::string tools = tools_text(module), last = events(module);
  const auto package = root / "runtime/python/ratchet";
  return {{package / "values.py", made_by + (values_head + module.classes) + last},
          {package / "tools.py", tools}};
}

int write(const files& all) {
  for (const auto& [file, text] : all)
    if (!(std::ofstream(file, std::ios::binary) << text).flush()) {
      std::cerr << file.string() << " cannot be written\n";
      return 1;
    }
  return 0;
}

int check(const files& all, const std::string& how_to_write) {
  int stale = 0;
  for (const auto& [file, text] : all)
    if (read(file) != text) {
      std::cerr << file.string() << " is not as the tools, settings and structs are; run "
                << how_to_write << "\n";
      stale = 1;
    }
  return stale;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc == 3 ? argv[1] : "";
  if (mode != "--write" && mode != "--check") {
    std::cerr << "python_types --write|--check ROOT\n";
    return 1;
  }
  const auto all = made_for(argv[2]);
  return mode == "--write" ? write(all) : check(all, argv[0] + std::string(" --write ") + argv[2]);
}
