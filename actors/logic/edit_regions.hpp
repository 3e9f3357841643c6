// SPDX-License-Identifier: MIT
//
// Which lines of an answer are prose, and which belong to an edit or to a fenced text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "actors/logic/edit_lines.hpp"

namespace ratchet {

enum class region { prose, fence, block, diff, patch };

/// A region for each line, markers and fences with what they enclose. Blocks, diffs and patches
/// count inside of fences, too. Linear.
std::vector<region> regions_of(const std::vector<text_line>& lines);

/// The lines of the hunk whose "@@" stands at `header`, up to the line returned. Empty lines at its
/// end are not its own. A line without a sign before others with one is a context line that has
/// lost its blank.
std::size_t end_of_hunk(const std::vector<text_line>& lines, std::size_t header);

/// "*** Begin Patch", or "*** Update File: " where the beginning is missing.
bool starts_patch(std::string_view line);
/// The line after a patch that starts at `begin`: after "*** End Patch", at the end of its fence,
/// or where prose goes on.
std::size_t end_of_patch(const std::vector<text_line>& lines, std::size_t begin);

/// "- an item": so prose looks that follows a hunk.
bool is_list_item(std::string_view line);

/// What a line of the form "LESSON: …" says, marks of Markdown aside; else empty.
std::string_view lesson_in(std::string_view line);

}  // namespace ratchet
