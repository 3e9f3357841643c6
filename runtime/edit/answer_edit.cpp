// SPDX-License-Identifier: MIT
#include "runtime/edit/answer_edit.hpp"

#include "actors/logic/edit_format.hpp"

namespace ratchet {

namespace {

using changes = expected<std::vector<file_change>>;

changes not_empty(changes found) {
  if (found && found->empty())
    return fail(errc::edit_refused, "the edit changes no byte; propose a different change");
  return found;
}

changes from_diff(const std::string& text, const std::map<std::string, std::string>& contents) {
  auto patches = parse_unified_diff(text);
  if (!patches) return patches.error();
  return apply_unified_diff(contents, *patches);
}

}  // namespace

changes edit_in_answer(const std::string& answer, answer_format format,
                       const std::map<std::string, std::string>& contents,
                       const std::vector<std::string>& targets) {
  if (format == answer_format::detect) {
    switch (detect_edit_format(answer)) {
      case edit_format::blocks:
        format = answer_format::blocks;
        break;
      case edit_format::diff:
        format = answer_format::diff;
        break;
      case edit_format::whole_file:
        format = answer_format::whole;
        break;
      case edit_format::none:
        return fail(errc::edit_refused,
                    "the answer holds no edit: neither SEARCH/REPLACE blocks, nor a unified diff, "
                    "nor one fenced text of the whole file");
    }
  }
  if (format == answer_format::diff) return not_empty(from_diff(answer, contents));
  if (format == answer_format::whole) {
    auto text = only_fenced_text(answer);
    if (!text)
      return fail(errc::edit_refused,
                  "the answer must hold exactly one fenced text, the whole file");
    if (targets.size() != 1)
      return fail(errc::edit_refused,
                  "a whole file can only be answered for a session with one "
                  "target; answer with SEARCH/REPLACE blocks or a diff");
    return not_empty(apply_whole_files(contents, *text, targets));
  }
  auto blocks = parse_search_replace_blocks(answer, targets);
  if (!blocks) return blocks.error();
  return not_empty(apply_search_replace(contents, *blocks));
}

}  // namespace ratchet
