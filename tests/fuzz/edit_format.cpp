// SPDX-License-Identifier: MIT
#include "actors/logic/edit_format.hpp"

#include <algorithm>

#include "tests/fuzz/targets.hpp"

namespace ratchet::fuzz {

namespace {

void check_changes(const expected<std::vector<file_change>>& changes) {
  if (!changes) return require(!changes.error().text.empty(), "a refusal has its reason");
  for (const auto& change : *changes) require(!change.path.empty(), "a change has its file");
}

void check_whole_files(const file_contents& files, std::string_view answer) {
  check_changes(apply_whole_files(files, std::string(answer), {"src/a.py"}));
  why_no_whole_file(files.at("src/a.py"), answer);
  auto content = json::parse(answer, nullptr, false);
  if (!content.is_discarded()) check_changes(apply_whole_files(files, content, {"src/a.py", "b"}));
}

}  // namespace

void edit_format(std::string_view bytes) {
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const auto answer = bytes.substr(std::min(end + 1, bytes.size()));
  const file_contents files{{"src/a.py", std::string(bytes.substr(0, end))}, {"b", "one\ntwo\n"}};

  const auto line = hypothesis_line(answer);
  require(line.find('\n') == std::string::npos, "a hypothesis is one line");
  const auto lesson = lesson_line(answer);
  require(lesson.find('\n') == std::string::npos, "a lesson is one line");
  require(without_thoughts(answer).size() <= answer.size(), "nothing is added to an answer");
  only_fenced_text(answer);
  detect_edit_format(answer);
  if (auto blocks = parse_search_replace_blocks(answer, {"src/a.py", "b"}))
    check_changes(apply_search_replace(files, *blocks));
  if (auto patches = parse_unified_diff(answer)) check_changes(apply_unified_diff(files, *patches));
  if (auto patches = parse_patch(answer)) check_changes(apply_unified_diff(files, *patches));
  check_whole_files(files, answer);
}

}  // namespace ratchet::fuzz
