// SPDX-License-Identifier: MIT
//
// Hunks: how they are written, and where in a file they belong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"

namespace ratchet {

/// "@@ -1,2 +3,4 @@ …"; not placed when it is only "@@", "@@ … @@" or "@@ def f():", whose text is
/// the anchor.
struct hunk_header {
  bool placed = false;
  std::size_t old_start = 0, old_count = 0, new_count = 0;
  std::string_view anchor;
};
hunk_header read_hunk_header(std::string_view line);

/// Adds the lines from `begin` up to `end` to the hunk; one without a sign is context.
void add_lines(diff_hunk& hunk, const std::vector<text_line>& lines, std::size_t begin,
               std::size_t end);

/// How exactly a hunk's lines are those of the file: but for blanks at line ends, or with them.
enum class strictness { bytes, blanks };

/// Where a hunk's old lines are; `problem` says why that is nowhere.
struct hunk_place {
  std::size_t at = 0;
  strictness how = strictness::bytes;
  std::string problem;
};

/// Looks hunks up in a file, whose bytes outlive it. Bounded in its work, which is counted over all
/// of them.
class hunk_finder {
 public:
  explicit hunk_finder(std::string_view content);

  const std::vector<text_line>& lines() const { return lines_; }

  /// Not before line `from`. `expected` is where the header says that it is, or the number of lines
  /// and more where it says nothing.
  hunk_place find(const diff_hunk& hunk, const std::vector<const diff_line*>& old_side,
                  std::size_t from, std::size_t expected);
  /// Where lines are put that have none of the file beside them.
  hunk_place find_insertion(const diff_hunk& hunk, std::size_t from, std::size_t expected);

 private:
  using old_lines = std::vector<const diff_line*>;

  bool fits(const old_lines& old_side, std::size_t place, strictness by);
  std::vector<std::size_t> places_of(const old_lines& old_side, std::size_t from, strictness by);
  std::vector<std::size_t> anchor_lines(std::string_view anchor, const std::vector<bool>& inside);
  std::vector<bool> blocks_of(const std::vector<std::size_t>& heads);
  hunk_place chosen(const diff_hunk& hunk, const std::vector<std::size_t>& places);
  /// Lines within the blocks that the anchors head; empty where no anchor is found.
  std::vector<bool> anchored(const diff_hunk& hunk);
  std::string missing(const old_lines& old_side, const diff_hunk& hunk, std::size_t from);
  bool tired() const;
  void worked_on(std::size_t line);

  std::string_view content_;
  std::vector<text_line> lines_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> where_;
  std::size_t work_ = 0;  ///< lines compared so far, long ones counted more
};

}  // namespace ratchet
