// SPDX-License-Identifier: MIT
#include "runtime/edit/answer_edit.hpp"

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_slips.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

using changes = expected<std::vector<file_change>>;
using files = std::map<std::string, std::string>;
using names = std::vector<std::string>;

failure refuse(const std::string& why) { return fail(errc::edit_refused, why); }

changes not_empty(changes found) {
  if (found && found->empty())
    return refuse("the edit changes no byte; propose a different change");
  return found;
}

changes from_blocks(const std::string& text, const files& contents, const names& targets) {
  auto blocks = parse_search_replace_blocks(text, targets);
  if (!blocks) return blocks.error();
  return apply_search_replace(contents, *blocks);
}

changes from_diff(const std::string& text, const files& contents) {
  auto patches = parse_diff_or_patch(text);
  if (!patches) return patches.error();
  return apply_unified_diff(contents, *patches);
}

/// Why a text that may be the whole file is not taken for it. `asked_for`: by the session, so only
/// one that says itself that it is not whole is refused.
std::string why_not_whole(const std::string& file, const std::string& text, bool asked_for) {
  if (!asked_for) {
    std::string why = why_no_whole_file(file, text);
    if (!why.empty())
      why = "the answer's one fenced text is no whole file: " + why +
            "; answer with SEARCH/REPLACE blocks, a unified diff, or every line of the file";
    return why;
  }
  const std::string_view line = file.empty() ? std::string_view{} : elision_of(text, file);
  return line.empty() ? ""
                      : "the fenced text is no whole file: it leaves lines out (" + shown(line) +
                            "); answer with every line of the file";
}

changes from_whole(const std::string& answer, const files& contents, const names& targets,
                   bool asked_for) {
  auto text = only_fenced_text(answer);
  if (!text) return refuse("the answer must hold exactly one fenced text, the whole file");
  if (targets.size() != 1)
    return refuse(
        "a whole file can only be answered for a session with one target; answer with "
        "SEARCH/REPLACE blocks or a diff");
  auto file = contents.find(targets.front());
  if (file != contents.end())
    if (auto why = why_not_whole(file->second, *text, asked_for); !why.empty()) return refuse(why);
  return apply_whole_files(contents, *text, targets);
}

changes detected(const std::string& answer, const files& contents, const names& targets) {
  switch (detect_edit_format(answer)) {
    case edit_format::blocks:
      return from_blocks(answer, contents, targets);
    case edit_format::patch:
    case edit_format::diff:
      return from_diff(answer, contents);
    case edit_format::whole_file:
      return from_whole(answer, contents, targets, false);
    case edit_format::none:
      break;
  }
  return refuse(
      "the answer holds no edit: neither SEARCH/REPLACE blocks, nor a unified diff, nor a "
      "patch, nor one fenced text of the whole file");
}

}  // namespace

changes edit_in_answer(const std::string& answer, answer_format format, const files& contents,
                       const names& targets) {
  const std::string said = without_thoughts(answer);
  switch (format) {
    case answer_format::detect:
      return not_empty(detected(said, contents, targets));
    case answer_format::blocks:
      return not_empty(from_blocks(said, contents, targets));
    case answer_format::diff:
      return not_empty(from_diff(said, contents));
    case answer_format::whole:
      break;
  }
  return not_empty(from_whole(said, contents, targets, true));
}

}  // namespace ratchet
