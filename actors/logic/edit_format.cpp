// SPDX-License-Identifier: MIT
#include "actors/logic/edit_format.hpp"

#include <algorithm>

#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_match.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Bytes that all blocks of an edit may have looked through: each looks through its whole file.
constexpr std::size_t most_searched = 64 * 1024 * 1024;

/// What differs between two states of the files, by path.
std::vector<file_change> changes_between(
    const file_contents& before, const std::map<std::string, std::optional<std::string>>& after) {
  std::vector<file_change> changes;
  for (const auto& [path, content] : after) {
    auto old = before.find(path);
    bool same = old == before.end() ? !content : content && *content == old->second;
    if (!same) changes.push_back({path, content, std::nullopt});
  }
  return changes;
}

/// What a replacement has in the place of lines, where nothing in the searched text says which.
std::string_view elided_in(const search_replace& block, std::string_view file) {
  const auto line = elision_of(block.replace, block.search, elision::told);
  return line.empty() ? line : elision_of(block.replace, file, elision::told);
}

std::string not_found(std::string_view content, const search_replace& block, std::string why) {
  if (why.empty()) why = likely_cause(content, block.search, block.replace);
  std::string near = nearest_lines(content, block.search);
  return "the search text does not occur" + (why.empty() ? "" : " (" + why + ")") + "; " +
         (near.empty() ? "the file is empty: leave the search text empty, too" : near);
}

}  // namespace

expected<std::vector<file_change>> apply_search_replace(const file_contents& contents,
                                                        const std::vector<search_replace>& blocks) {
  if (blocks.empty()) return fail(errc::edit_refused, "the edit has no block");
  std::map<std::string, std::optional<std::string>> after;
  std::size_t number = 0, searched = 0;
  for (const auto& block : blocks) {
    const std::string path(plain_path(block.file));
    const std::string which = "block " + std::to_string(++number) + " (" + one_line(path) + "): ";
    auto refuse = [&](const std::string& why) { return fail(errc::edit_refused, which + why); };
    if (path.empty())
      return fail(errc::edit_refused,
                  "block " + std::to_string(number) + " names no file; give the path of one");
    auto edited = after.find(path);
    auto given = contents.find(path);
    const std::string* now = edited != after.end()     ? &*edited->second
                             : given != contents.end() ? &given->second
                                                       : nullptr;
    if (block.search.empty()) {
      if (now && !now->empty())
        return refuse(
            "its search text is empty, but the file is not; give the lines to replace, or "
            "the whole new file as `content`");
      after[path] = block.replace;
      continue;
    }
    if (!now) {
      std::vector<std::string> known;
      for (const auto& [name, bytes] : contents) known.push_back(name);
      std::string near = nearest_word(path, known);
      return refuse("there is no such file among those that may be edited" +
                    (near.empty() ? std::string() : "; did you mean " + near + "?") +
                    (near.empty() ? "; an empty search text creates a file" : ""));
    }
    if (auto line = elided_in(block, *now); !line.empty())
      return refuse("its replacement leaves lines out (" + shown(line) +
                    "); write every line, or the same elision in both texts");
    searched += now->size();
    if (searched > most_searched)
      return refuse(
          "so many blocks in so great a file are not applied; give the whole file, or a diff");
    text_match match = find_text(*now, block.search, block.replace);
    if (match.result == text_match::outcome::ambiguous)
      return refuse("the search text occurs " + std::to_string(match.lines.size()) +
                    " times, at lines " + listed(match.lines) + "; add lines around it");
    if (match.result == text_match::outcome::missing)
      return refuse(not_found(*now, block, match.why));
    std::string bytes = *now;
    bytes.replace(match.begin, match.end - match.begin, match.replacement);
    after[path] = std::move(bytes);
  }
  return changes_between(contents, after);
}

namespace {

/// What a caller cannot see of a file stays as it is: its line ends and its byte order mark.
std::string as_the_file_is_written(std::string_view file, const std::string& text) {
  bool crlf = is_crlf(file) && text.find('\r') == std::string::npos;
  bool mark =
      file.starts_with(byte_order_mark) && !text.empty() && !text.starts_with(byte_order_mark);
  return (mark ? std::string(byte_order_mark) : "") + (crlf ? with_line_ends(text, "\r\n") : text);
}

/// Why the text is not the whole of a file that is there; empty where it may be.
std::string what_is_elided(const std::string& path, std::string_view file, std::string_view text) {
  if (file.empty()) return "";
  const std::string_view line = elision_of(text, file, elision::told);
  if (line.empty()) return "";
  return "the whole new text of " + shown(path) + " leaves lines out (" + shown(line) +
         "); give every line of it, or SEARCH/REPLACE blocks or a diff of what changes";
}

}  // namespace

expected<std::vector<file_change>> apply_whole_files(const file_contents& contents,
                                                     const json& content,
                                                     const std::vector<std::string>& targets) {
  std::map<std::string, std::optional<std::string>> after;
  std::string elided;
  auto put = [&](const std::string& path, const std::string& text) {
    auto old = contents.find(path);
    const std::string_view before = old == contents.end() ? std::string_view{} : old->second;
    if (elided.empty()) elided = what_is_elided(path, before, text);
    after[path] = as_the_file_is_written(before, text);
  };
  if (content.is_string()) {
    if (targets.size() != 1)
      return fail(errc::edit_refused, "content is one text, but the session has " +
                                          std::to_string(targets.size()) +
                                          " target files; give an object of file → text");
    put(targets.front(), content.get_ref<const std::string&>());
  } else if (content.is_object()) {
    if (content.empty()) return fail(errc::edit_refused, "content names no file");
    for (const auto& [name, text] : content.items()) {
      const std::string path(plain_path(name));
      if (path.empty()) return fail(errc::edit_refused, "content has a file without a name");
      if (after.count(path) > 0)
        return fail(errc::edit_refused, "content names " + shown(path) + " twice");
      if (text.is_null()) {
        if (contents.count(path) == 0)
          return fail(errc::edit_refused, "content deletes " + shown(path) +
                                              ", but there is no such file among the targets");
        after[path] = std::nullopt;
      } else if (text.is_string()) {
        put(path, text.get_ref<const std::string&>());
      } else {
        return fail(errc::edit_refused,
                    "content of " + shown(path) + " must be a text, or null to delete the file");
      }
    }
  } else {
    return fail(errc::edit_refused,
                "content must be the new text of the target, or an object of file → text");
  }
  if (!elided.empty()) return fail(errc::edit_refused, elided);
  return changes_between(contents, after);
}

expected<std::vector<file_change>> apply_given(const given_edit& edit,
                                               const file_contents& contents,
                                               const std::vector<std::string>& targets) {
  auto apply = [&]() -> expected<std::vector<file_change>> {
    if (!edit.edits.empty()) return apply_search_replace(contents, edit.edits);
    if (edit.diff.empty()) return apply_whole_files(contents, edit.content, targets);
    auto patches = parse_diff_or_patch(edit.diff);
    if (!patches) return patches.error();
    return apply_unified_diff(contents, *patches);
  };
  auto changes = apply();
  if (changes && changes->empty())
    return fail(errc::edit_refused, "the edit changes no byte; propose a different change");
  return changes;
}

}  // namespace ratchet
