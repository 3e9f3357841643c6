// SPDX-License-Identifier: MIT
#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

failure refuse_block(std::size_t number, const std::string& why) {
  return fail(errc::edit_refused, "block " + std::to_string(number) + ": " + why);
}

/// Looks back from a block's first line over at most three lines of text to the line that names its
/// file. `floor` is the line after the block before.
std::string name_before(const std::vector<text_line>& lines, std::size_t block, std::size_t floor,
                        const std::vector<std::string>& targets) {
  int looked_at = 0;
  for (std::size_t i = block; i > floor && looked_at < 3;) {
    std::string_view line = trimmed(lines[--i].text);
    if (line.empty()) continue;
    if (auto f = fence_of(line)) {
      // ```python train.py
      std::size_t blank = f->info.rfind(' ');
      std::string_view last = blank == std::string_view::npos ? f->info : f->info.substr(blank + 1);
      bool path = last.find_first_of("./") != std::string_view::npos;  // not just a language
      std::string name = named_file(last, targets, path);
      if (!name.empty()) return name;
      continue;
    }
    std::string name = named_file(line, targets, looked_at == 0);
    if (!name.empty()) return name;
    ++looked_at;
  }
  return "";
}

}  // namespace

expected<std::vector<search_replace>> parse_search_replace_blocks(
    std::string_view text, const std::vector<std::string>& targets) {
  const auto lines = split_lines(text);
  std::vector<search_replace> blocks;
  std::size_t floor = 0;
  std::string file;  // of the block before
  for (std::size_t i = 0; i < lines.size(); ++i) {
    block_marker start = marker_of(lines[i].text);
    const std::size_t number = blocks.size() + 1;
    if (start.kind == marker::replace)
      return refuse_block(number, "line " + std::to_string(i + 1) + " is \"" +
                                      std::string(trimmed(lines[i].text)) +
                                      "\" without a \"<<<<<<< SEARCH\" before it");
    if (start.kind != marker::search) continue;

    search_replace block;
    block.file = name_before(lines, i, floor, targets);
    if (block.file.empty()) block.file = file;
    if (block.file.empty() && targets.size() == 1) block.file = targets.front();
    if (block.file.empty())
      return refuse_block(number,
                          "no line before it names its file; write the file's path in backticks on "
                          "the line before \"<<<<<<< SEARCH\"");
    file = block.file;

    const std::size_t begin = i;
    const std::string where =
        " (" + block.file + ", from line " + std::to_string(begin + 1) + " of the answer)";
    bool divided = false, ended = false;
    for (++i; i < lines.size() && !ended; ++i) {
      block_marker m = marker_of(lines[i].text);
      if (m.signs != start.signs) m.kind = marker::none;
      if (m.kind == marker::search)
        return refuse_block(number, "another \"SEARCH\" begins inside of it" + where);
      if (m.kind == marker::replace && !divided)
        return refuse_block(number, "it has no line of " + std::to_string(start.signs) +
                                        " \"=\" between its two texts" + where);
      if (m.kind == marker::divider && divided)
        return refuse_block(number,
                            "it has two dividers; where a text itself contains \"=======\", write "
                            "all three markers with eight signs" +
                                where);
      if (m.kind == marker::divider) {
        divided = true;
      } else if (m.kind == marker::replace) {
        ended = true;
        break;
      } else {
        std::string& part = divided ? block.replace : block.search;
        part += lines[i].text;
        part += lines[i].end;
      }
    }
    if (!ended)
      return refuse_block(number,
                          "it has no end; \">>>>>>> REPLACE\" is missing, the answer may "
                          "have been cut off" +
                              where);
    floor = i + 1;
    blocks.push_back(std::move(block));
  }
  if (blocks.empty())
    return fail(errc::edit_refused,
                "there is no SEARCH/REPLACE block; write \"<<<<<<< SEARCH\", the old lines, "
                "\"=======\", the new lines, \">>>>>>> REPLACE\"");
  return blocks;
}

}  // namespace ratchet
