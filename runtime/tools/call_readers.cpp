// SPDX-License-Identifier: MIT
#include "runtime/tools/call_readers.hpp"

#include <algorithm>

#include "runtime/tools/setting_readers.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

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
                             "diff is empty; give a unified diff or a patch, or leave it out and "
                             "the edit backend proposes");
  }
  if (content) {
    if (auto ok = decode_content(*content, edit.content); !ok) return ok.error();
  }
  return edit;
}

}  // namespace

expected<std::string> read_session_id(const json& arguments) {
  const json& value = arguments.at("session_id");
  auto id = value.get<std::string>();
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

expected<edit_candidate> read_edit(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  auto edit = decode_edit(arguments);
  if (!edit) return edit.error();
  edit_candidate asked{std::move(*id), std::move(*edit), {}};
  if (const json* text = given(arguments, "instructions")) {
    auto read = read_text_or_file("instructions", *text);
    if (!read) return read.error();
    asked.instructions = std::move(*read);
  }
  return asked;
}

}  // namespace ratchet
