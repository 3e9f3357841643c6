// SPDX-License-Identifier: MIT
//
// From a tool's name and JSON arguments to the message that it stands for.
#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/tools/tool_arguments.hpp"
#include "runtime/tools/tool_settings.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

template <class Range>
std::vector<std::string> names_of(const Range& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

expected<> check_all(const tool& t, const json& arguments) {
  for (auto it = arguments.begin(); it != arguments.end(); ++it) {
    bool known = std::any_of(t.arguments.begin(), t.arguments.end(),
                             [&](const tool_argument& a) { return a.name == it.key(); });
    if (!known) {
      return refuse_argument(valid_utf8(utf8_prefix(it.key(), 80)),
                             std::string(t.name) + " has no argument " + as_given(it.key()) + "." +
                                 suggestion(it.key(), names_of(t.arguments)));
    }
  }
  for (const auto& a : t.arguments) {
    const json* value = given(arguments, a.name);
    if (!value && a.required)
      return refuse_argument(a.name, std::string(t.name) + " lacks the argument " +
                                         std::string(a.name) + ": " + std::string(a.description));
    if (value)
      if (auto ok = check_argument(a, *value); !ok) return ok;
  }
  return {};
}

expected<std::string> checked_session_id(const json& value) {
  std::string id = value.get<std::string>();
  for (char& c : id) c = c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
  bool fine = id.size() == 12 && std::all_of(id.begin(), id.end(), [](char c) {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
              });
  if (!fine)
    return refuse_argument("session_id",
                           "session_id must be the 12 hexadecimal digits that autoresearch_setup "
                           "answered, not " +
                               as_given(value));
  return id;
}

expected<std::vector<search_replace>> decode_edits(const json& list) {
  constexpr const char* field = "edits";
  if (list.empty() || list.size() > 1000)
    return refuse_argument(field, "edits has " + std::to_string(list.size()) +
                                      " entries; give 1 to 1000, or leave it out and the edit "
                                      "backend proposes");
  std::vector<search_replace> edits;
  for (const auto& item : list) {
    const std::vector<std::string> keys{"file", "search", "replace"};
    if (auto ok = check_keys(field, item, keys, keys); !ok) return ok.error();
    for (const auto& key : keys)
      if (!item[key].is_string())
        return refuse_argument(field,
                               "edits: \"" + key + "\" must be text, not " + as_given(item[key]));
    auto edit = item.get<search_replace>();
    auto path = inside_path(field, edit.file);
    if (!path) return path.error();
    edit.file = std::move(*path);
    edits.push_back(std::move(edit));
  }
  return edits;
}

expected<> decode_content(const json& value, json& content) {
  constexpr const char* field = "content";
  content = value;
  if (value.is_string()) return {};
  if (value.empty() || value.size() > 1000)
    return refuse_argument(field, "content has " + std::to_string(value.size()) +
                                      " files; give 1 to 1000 as file to text");
  content = json::object();
  for (auto it = value.begin(); it != value.end(); ++it) {
    auto path = inside_path(field, it.key());
    if (!path) return path.error();
    if (!it->is_string())
      return refuse_argument(
          field, "content: the text of " + as_given(*path) + " must be text, not " + as_given(*it));
    if (content.contains(*path))
      return refuse_argument(field, "content names " + as_given(*path) + " twice");
    content[*path] = *it;
  }
  return {};
}

expected<given_edit> decode_edit(const json& arguments) {
  given_edit edit;
  const json* edits = given(arguments, "edits");
  const json* diff = given(arguments, "diff");
  const json* content = given(arguments, "content");
  int forms = (edits != nullptr) + (diff != nullptr) + (content != nullptr);
  if (forms > 1) {
    std::string names;
    for (auto [name, value] : {std::pair{"edits", edits}, {"diff", diff}, {"content", content}})
      if (value) names += (names.empty() ? "" : " and ") + std::string(name);
    return refuse_argument(content ? "content" : "diff",
                           names + " are given together; give one of edits, diff and content");
  }
  if (const json* text = given(arguments, "hypothesis")) edit.hypothesis = text->get<std::string>();
  if (edits) {
    auto list = decode_edits(*edits);
    if (!list) return list.error();
    edit.edits = std::move(*list);
  }
  if (diff) {
    edit.diff = diff->get<std::string>();
    if (edit.diff.empty())
      return refuse_argument("diff",
                             "diff is empty; give a unified diff, or leave it out and the edit "
                             "backend proposes");
  }
  if (content) {
    if (auto ok = decode_content(*content, edit.content); !ok) return ok.error();
  }
  return edit;
}

expected<tool_call::request> decode_message(std::string_view name, const json& arguments) {
  using request = tool_call::request;
  if (name == "autoresearch_setup" || name == "start_autoresearch") {
    auto settings = decode_settings(arguments);
    if (!settings) return settings.error();
    return request(setup_session{std::move(*settings)});
  }
  if (name == "get_hive_best_tool") {
    const json* task = given(arguments, "task_type");
    if (task && task->get_ref<const std::string&>().empty())
      return refuse_argument("task_type", "task_type is empty; leave it out for \"autoresearch\"");
    return request(best_tool_query{task ? task->get<std::string>() : "autoresearch", true});
  }
  const json* id_value = given(arguments, "session_id");
  if (name == "get_autoresearch_status" && (!id_value || *id_value == ""))
    return request(ratchet::list_sessions{});
  auto id = checked_session_id(*id_value);
  if (!id) return id.error();
  if (name == "autoresearch_edit") {
    auto edit = decode_edit(arguments);
    if (!edit) return edit.error();
    return request(edit_candidate{*id, std::move(*edit)});
  }
  if (name == "autoresearch_run") return request(run_candidate{*id});
  if (name == "autoresearch_decide") return request(decide_candidate{*id});
  if (name == "autoresearch_finalize") {
    const json* compare = given(arguments, "compare");
    return request(finalize_session{*id, !compare || compare->get<bool>()});
  }
  if (name == "get_autoresearch_status") {
    const json* wait = given(arguments, "wait_ms");
    return request(get_status{*id, wait ? static_cast<std::int64_t>(wait->get<double>()) : 0});
  }
  return fail(errc::internal, "the tool " + std::string(name) + " has no message; please report");
}

}  // namespace

expected<tool_call> decode_call(std::string_view name, const json& arguments) try {
  const tool* t = find_tool(name);
  if (!t) {
    json word = std::string(name);
    return refuse_argument(
        "tool", "there is no tool " + as_given(word) + "." + suggestion(name, names_of(tools())));
  }
  if (!arguments.is_null() && !arguments.is_object())
    return refuse_argument("arguments", "the arguments of " + std::string(t->name) +
                                            " must be an object, not " + as_given(arguments));
  static const json none = json::object();
  const json& object = arguments.is_null() ? none : arguments;
  if (auto ok = check_all(*t, object); !ok) return ok.error();
  auto message = decode_message(t->name, object);
  if (!message) return message.error();
  tool_call call{std::move(*message), std::nullopt};
  if (const json* wait = given(object, "wait_ms"))
    call.wait_ms = static_cast<std::int64_t>(wait->get<double>());
  return call;
} catch (const std::exception& e) {
  return fail(errc::internal, "the arguments of " + std::string(name.substr(0, 80)) +
                                  " could not be read: " + e.what() + "; please report");
}

json error_answer(const failure& f, std::string_view session_id) {
  json answer{{"error", f.text}, {"code", std::string(name_of(f.code))}};
  if (!session_id.empty()) answer["session_id"] = std::string(session_id);
  if (f.details.is_object())
    for (auto it = f.details.begin(); it != f.details.end(); ++it)
      if (!answer.contains(it.key())) answer[it.key()] = it.value();
  return answer;
}

}  // namespace ratchet
