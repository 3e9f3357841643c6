// SPDX-License-Identifier: MIT
#include "actors/logic/edit_regions.hpp"

#include <algorithm>

#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t far_enough = 8;  ///< how far a lost blank is looked for

using lines_t = std::vector<text_line>;

bool starts_with_one_of(std::string_view line, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return line.starts_with(word); });
}

bool has_sign(std::string_view line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '+' || line[0] == '-');
}

/// What a line of a hunk, which has a sign before it, never looks like.
bool is_outside(std::string_view line) {
  return starts_with_one_of(line, {"```", "~~~"}) || (!has_sign(line) && !lesson_in(line).empty());
}

bool ends_hunk(const lines_t& lines, std::size_t i) {
  std::string_view line = lines[i].text;
  return starts_with_one_of(line, {"@@", "*** "}) || starts_diff(lines, i) || is_outside(line);
}

/// Whether lines that add or remove something follow without a gap.
bool goes_on(const lines_t& lines, std::size_t i) {
  for (std::size_t last = std::min(lines.size(), i + far_enough); i < last; ++i) {
    std::string_view line = lines[i].text;
    if (line.empty() || ends_hunk(lines, i)) return false;
    if ((line[0] == '+' || line[0] == '-') && !is_list_item(line)) return true;
  }
  return false;
}

bool is_diff_heading(const lines_t& lines, std::size_t i) {
  return starts_diff(lines, i) ||
         starts_with_one_of(lines[i].text, {"index ", "old mode ", "new mode ", "new file mode ",
                                            "deleted file mode ", "similarity ", "dissimilarity ",
                                            "rename from ", "rename to ", "copy from ", "copy to ",
                                            "Binary files ", "GIT binary patch"});
}

/// The line after a diff whose heading or hunk begins at `i`.
std::size_t end_of_diff(const lines_t& lines, std::size_t i) {
  std::size_t end = i;
  while (i < lines.size()) {
    std::string_view line = lines[i].text;
    if (line.starts_with("@@"))
      end = i = end_of_hunk(lines, i);
    else if (starts_diff(lines, i) && line.starts_with("--- "))
      end = i += 2;
    else if (is_diff_heading(lines, i))
      end = ++i;
    else if (trimmed(line).empty())
      ++i;
    else
      break;
  }
  return end;
}

/// After the block's end, or the end of the text.
std::size_t end_of_block(const lines_t& lines, std::size_t begin) {
  std::size_t signs = marker_of(lines[begin].text).signs, i = begin + 1;
  for (; i < lines.size(); ++i) {
    block_marker m = marker_of(lines[i].text);
    if (m.kind == marker::replace && m.signs == signs) return i + 1;
  }
  return i;
}

/// Reads the lines front to back.
class region_reader {
 public:
  explicit region_reader(const lines_t& lines)
      : lines_(lines), regions_(lines.size(), region::prose) {}

  std::vector<region> read() {
    while (at_ < lines_.size())
      if (!edit_starts()) take_line();
    return std::move(regions_);
  }

 private:
  void take(region what, std::size_t end) {
    for (end = std::max(end, at_ + 1); at_ < end; ++at_) regions_[at_] = what;
  }

  bool edit_starts() {
    std::string_view line = lines_[at_].text;
    marker kind = marker_of(line).kind;
    if (kind == marker::search)
      take(region::block, end_of_block(lines_, at_));
    else if (kind == marker::replace)
      take(region::block, at_ + 1);
    else if (starts_patch(line))
      take(region::patch, end_of_patch(lines_, at_));
    else if (starts_diff(lines_, at_) || (in_diff_ && line.starts_with("@@")))
      take(region::diff, end_of_diff(lines_, at_)), in_diff_ = true;
    else
      return false;
    return true;
  }

  void take_line() {
    auto f = fence_of(lines_[at_].text);
    bool inside = open_.has_value();
    if (f && !open_)
      open_ = f;
    else if (f && f->sign == open_->sign && f->ticks >= open_->ticks && f->info.empty())
      open_.reset();
    take(f || inside ? region::fence : region::prose, at_ + 1);
  }

  const lines_t& lines_;
  std::vector<region> regions_;
  std::size_t at_ = 0;
  std::optional<fence> open_;
  bool in_diff_ = false;  ///< a hunk has its file
};

}  // namespace

std::vector<region> regions_of(const std::vector<text_line>& lines) {
  return region_reader(lines).read();
}

bool is_list_item(std::string_view line) {
  return line.size() > 2 && (line[0] == '-' || line[0] == '+') && line[1] == ' ' && line[2] != ' ';
}

std::string_view lesson_in(std::string_view line) {
  line = trimmed(line);
  while (!line.empty() && std::string_view("#*>_` ").find(line[0]) != std::string_view::npos)
    line.remove_prefix(1);
  if (ascii_lower(line.substr(0, 6)) != "lesson") return {};
  line.remove_prefix(6);
  std::size_t colon = line.find_first_not_of("*_` ");
  if (colon == std::string_view::npos || line[colon] != ':') return {};
  line.remove_prefix(colon + 1);
  while (!line.empty() && std::string_view("*_` ").find(line[0]) != std::string_view::npos)
    line.remove_prefix(1);
  while (line.ends_with("**") || line.ends_with("__") || line.ends_with(' '))
    line.remove_suffix(line.ends_with(' ') ? 1 : 2);
  return line;
}

std::size_t end_of_hunk(const std::vector<text_line>& lines, std::size_t header) {
  std::size_t end = header + 1;
  for (std::size_t i = header + 1; i < lines.size(); ++i) {
    std::string_view line = lines[i].text;
    if (line.empty()) continue;
    if (ends_hunk(lines, i)) break;
    if (!has_sign(line) && line[0] != '\\' && !goes_on(lines, i)) break;
    end = i + 1;
  }
  return end;
}

bool starts_patch(std::string_view line) {
  return starts_with_one_of(
      line, {"*** Begin Patch", "*** Update File: ", "*** Add File: ", "*** Delete File: "});
}

std::size_t end_of_patch(const std::vector<text_line>& lines, std::size_t begin) {
  bool gap = false;
  for (std::size_t i = begin + 1; i < lines.size(); ++i) {
    std::string_view line = lines[i].text;
    if (line.starts_with("*** End Patch")) return i + 1;
    if (is_outside(line)) return i;
    bool own = has_sign(line) || line.starts_with("@@") || line.starts_with("*** ");
    if (!line.empty() && !own && gap && !goes_on(lines, i)) return i;
    gap = line.empty();
  }
  return lines.size();
}

}  // namespace ratchet
