// SPDX-License-Identifier: MIT
//
// Reads a patch between "*** Begin Patch" and "*** End Patch".
#include <algorithm>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_hunks.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_regions.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::string_view update = "*** Update File: ", addition = "*** Add File: ",
                           deletion = "*** Delete File: ";

/// One patch, front to back.
class patch_reader {
 public:
  patch_reader(const std::vector<text_line>& lines, std::size_t begin, std::size_t end)
      : lines_(lines), at_(begin), end_(end) {}

  expected<> read(std::vector<file_patch>& patches) {
    while (at_ < end_) {
      std::string_view line = trimmed_right(lines_[at_].text);
      file_patch patch;
      expected<> done;
      if (line.starts_with(update))
        done = read_update(patch, line.substr(update.size()));
      else if (line.starts_with(addition))
        done = read_addition(patch, line.substr(addition.size()));
      else if (line.starts_with(deletion))
        read_deletion(patch, line.substr(deletion.size()));
      else if (trimmed(line).empty() || line.starts_with("*** "))
        ++at_;
      else
        return refuse("it belongs to no file; \"*** Update File: PATH\" must stand before it");
      if (!done) return done;
      if (!patch.path.empty()) patches.push_back(std::move(patch));
    }
    return {};
  }

 private:
  failure refuse(const std::string& why) const {
    return fail(errc::edit_refused,
                "the patch's line " + std::to_string(at_ + 1) + " of the answer: " + why);
  }

  expected<> name(file_patch& patch, std::string_view path) {
    patch.path = plain_path(trimmed(path));
    if (patch.path.empty()) return refuse("it names no file");
    ++at_;
    return {};
  }

  bool at_section() const {
    return at_ >= end_ || (lines_[at_].text.starts_with("*** ") &&
                           !lines_[at_].text.starts_with("*** End of File"));
  }

  expected<> read_update(file_patch& patch, std::string_view path) {
    if (auto named = name(patch, path); !named) return named;
    // Some write a diff's heading there as well.
    if (at_ + 2 < end_ && starts_diff(lines_, at_)) at_ += 2;
    while (!at_section()) read_hunk(patch);
    if (at_ < end_ && lines_[at_].text.starts_with("*** Move to:"))
      return refuse("files are not moved; add the new file and delete the old one");
    if (patch.hunks.empty())
      return fail(errc::edit_refused, "the patch of " + shown(patch.path) +
                                          " has no line that "
                                          "begins with '+' or '-'");
    return {};
  }

  void read_hunk(file_patch& patch) {
    diff_hunk hunk;
    for (; at_ < end_ && lines_[at_].text.starts_with("@@"); ++at_) {
      const hunk_header header = read_hunk_header(lines_[at_].text);
      hunk.placed = header.placed;
      hunk.old_start = header.old_start;
      if (!header.anchor.empty()) hunk.anchors.emplace_back(header.anchor);
    }
    std::size_t end = at_, last = at_;
    for (;
         end < end_ && !lines_[end].text.starts_with("@@") && !lines_[end].text.starts_with("*** ");
         ++end)
      if (!lines_[end].text.empty()) last = end + 1;
    add_lines(hunk, lines_, at_, last);
    at_ = end;
    hunk.counted = hunk.lines.size();
    hunk.at_end = at_ < end_ && lines_[at_].text.starts_with("*** End of File");
    if (hunk.at_end) ++at_;
    if (!hunk.lines.empty()) patch.hunks.push_back(std::move(hunk));
  }

  expected<> read_addition(file_patch& patch, std::string_view path) {
    if (auto named = name(patch, path); !named) return named;
    patch.created = true;
    diff_hunk hunk;
    std::vector<diff_line> gap;  // empty lines without their sign, if more is added below
    for (; !at_section(); ++at_) {
      const text_line& line = lines_[at_];
      if (line.text.starts_with('+')) {
        hunk.lines.insert(hunk.lines.end(), gap.begin(), gap.end());
        gap.clear();
        add_lines(hunk, lines_, at_, at_ + 1);
      } else if (trimmed(line.text).empty()) {
        if (!hunk.lines.empty()) gap.push_back({'+', line.end == "\r\n" ? "\r" : "", true});
      } else if (!line.text.starts_with("*** End of File")) {
        return refuse("every line of a new file must begin with '+'");
      }
    }
    hunk.counted = hunk.lines.size();
    if (!hunk.lines.empty()) patch.hunks.push_back(std::move(hunk));
    return {};
  }

  void read_deletion(file_patch& patch, std::string_view path) {
    patch.path = plain_path(trimmed(path));
    patch.deleted = patch.deleted_unseen = true;
    ++at_;
  }

  const std::vector<text_line>& lines_;
  std::size_t at_, end_;
};

}  // namespace

expected<std::vector<file_patch>> parse_patch(std::string_view text) {
  const auto lines = split_lines(text);
  const auto regions = regions_of(lines);
  std::vector<file_patch> patches;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (regions[i] != region::patch) continue;
    const std::size_t begin = i;
    while (i < lines.size() && regions[i] == region::patch) ++i;
    if (auto done = patch_reader(lines, begin, i).read(patches); !done) return done.error();
  }
  if (patches.empty())
    return fail(errc::edit_refused,
                "there is no patch; write \"*** Begin Patch\", \"*** Update File: PATH\", \"@@\", "
                "lines that begin with ' ', '-' or '+', and \"*** End Patch\"");
  return patches;
}

}  // namespace ratchet
