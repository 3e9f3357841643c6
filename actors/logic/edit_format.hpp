// SPDX-License-Identifier: MIT
//
// The four ways to write an edit down: SEARCH/REPLACE blocks, a unified diff, a patch between
// "*** Begin Patch" and "*** End Patch", the whole file. All functions are pure: files are given as
// bytes and come back as bytes. Whatever is refused (`edit_refused`) says which block or hunk, why,
// and what to do; an edit is all or nothing.
//
// What an edit does not speak of is kept byte for byte: invalid UTF-8, CRLF line ends (new lines in
// a CRLF file get CRLF), a byte order mark, a missing final line break. Time and memory grow with
// the sizes of the edit and of the files, not with their product; what would be more work than that
// is refused. Only files whose bytes change are returned, so
// the answer is empty when the edit changes nothing. Paths are taken as they are written ("./" in
// front aside); whether a path may be changed is the workspace's decision, not made here.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/edits.hpp"
#include "messages/failure.hpp"

namespace ratchet {

/// Path → bytes, of the files that an edit may speak of.
using file_contents = std::map<std::string, std::string>;

// -- SEARCH/REPLACE blocks ------------------------------------------------------------------------

/// The blocks in an answer of prose:
///
///     `path/of/file.py`
///     ```python
///     <<<<<<< SEARCH
///     old lines
///     =======
///     new lines
///     >>>>>>> REPLACE
///     ```
///
/// The name stands on a line before the block: in backticks, bold, as a heading, after "File:" or
/// bare; with or without fences; with or without an extension. A name that ends only one of
/// `targets` means that one. A block without a name belongs to the file of the block before it,
/// else to the only target. A marker has 5 to 9 signs, the three of a block as many as each other
/// (so a text that contains "=======" is written with eight). Refused: no block at all, a block
/// without its divider or end, an end without a block, a block whose file is unknown.
expected<std::vector<search_replace>> parse_search_replace_blocks(
    std::string_view text, const std::vector<std::string>& targets = {});

/// Applies blocks in order, later ones to what earlier ones left. A search text must be there
/// exactly once. Tried in turn, the first that is there at all decides:
///   1. byte for byte; a text that ends with a line break only at the beginning of a line;
///   2. line by line, blanks at line ends, CRLF and a missing final line break aside;
///   3. like 2, with the same indentation added or missing in every line; the replacement is
///      shifted alike;
///   4. byte for byte within a line, where it splits no word;
///   5. like 2 and 3 once the slips of models are undone (edit_slips.hpp): line numbers before each
///      line, an elision between two parts, tabs for blanks, typographic quotes.
/// An empty search text creates a file, or fills an empty one; else it is refused. Where a text is
/// not found the refusal shows the nearest lines as they are, and says the likely cause.
expected<std::vector<file_change>> apply_search_replace(const file_contents& contents,
                                                        const std::vector<search_replace>& blocks);

// -- unified diff ---------------------------------------------------------------------------------

struct diff_line {
  char kind = ' ';          ///< ' ', '-' or '+'
  std::string text;         ///< without its line break; a '\r' before it is kept
  bool final_break = true;  ///< false: "\ No newline at end of file" follows
};

struct diff_hunk {
  std::size_t old_start = 0;  ///< 1-based as written; 0 with `placed` unset: not given
  bool placed = false;
  std::vector<diff_line> lines;
  /// How many of the lines the header's counts take in; fewer than all when they are wrong or when
  /// prose follows the hunk. Both readings are tried, all lines first.
  std::size_t counted = 0;
  std::vector<std::string> anchors;  ///< lines that stand above, outermost first: "@@ def f():"
  bool at_end = false;               ///< "*** End of File" follows
};

struct file_patch {
  std::string path;
  bool created = false;
  bool deleted = false;
  bool deleted_unseen = false;     ///< deleted whatever it holds
  std::optional<bool> executable;  ///< set when the diff changes or gives the mode
  std::vector<diff_hunk> hunks;
};

/// The patches in a text, whatever prose or fences surround them. Names have the prefixes of git
/// (a/ b/, or i/ w/ c/ o/), or none. Refused: renames, copies, binary patches, symbolic links,
/// submodules, a hunk without a file, no patch at all.
expected<std::vector<file_patch>> parse_unified_diff(std::string_view text);

/// The patches in a text of this form:
///
///     *** Begin Patch
///     *** Update File: path/of/file.py
///     @@ def f():
///      context
///     -old
///     +new
///     *** Add File: other.py
///     +its lines
///     *** Delete File: gone.py
///     *** End Patch
///
/// The end may be missing. Refused: "*** Move to:", a line of a new file without '+', no patch.
expected<std::vector<file_patch>> parse_patch(std::string_view text);

/// A hunk goes where its header says if the old lines are there; else to the only place where they
/// are; else to the only place where they are but for blanks at line ends. Of several places the
/// only one in the block of lines that its anchor heads; else they are refused, naming them. An
/// anchor that is nowhere is passed over, lines before the anchor are not theirs. Counts may be
/// wrong.
expected<std::vector<file_change>> apply_unified_diff(const file_contents& contents,
                                                      const std::vector<file_patch>& patches);

// -- whole files ----------------------------------------------------------------------------------

/// `content` is the new text of the one target, or an object of path → text (null deletes). New
/// text with LF only, for a file with CRLF only, gets CRLF; one for a file with a byte order mark
/// gets that. Refused: a text that says "the rest is unchanged" in place of the rest.
expected<std::vector<file_change>> apply_whole_files(const file_contents& contents,
                                                     const json& content,
                                                     const std::vector<std::string>& targets);

/// Why `text`, alone in a fence and not asked for as a whole file, is none; empty when it is one.
/// It keeps at least half of the file's lines, three quarters where the file's beginning or end is
/// gone without anything in its place, and has no elision. Any text is the whole of an empty file.
std::string why_no_whole_file(std::string_view file, std::string_view text);

// -- any of the four ------------------------------------------------------------------------------

/// The edit in the form in which it was given; `diff` may be a patch. `edit_refused` also when it
/// changes no byte.
expected<std::vector<file_change>> apply_given(const given_edit& edit,
                                               const file_contents& contents,
                                               const std::vector<std::string>& targets);

/// What an edit does, as a unified diff to be read: one hunk a file, line ends aside.
std::string shown_as_diff(const file_contents& before, const std::vector<file_change>& changes);

// -- what an answer holds -------------------------------------------------------------------------

enum class edit_format { none, blocks, patch, diff, whole_file };

/// Blocks before a patch before a diff before exactly one fenced text.
edit_format detect_edit_format(std::string_view text);

/// The diff or patch in a text.
expected<std::vector<file_patch>> parse_diff_or_patch(std::string_view text);

/// The inside of the only fenced text of an answer; nothing when there is none or several.
std::optional<std::string> only_fenced_text(std::string_view text);

/// Without what its model thought before it answered: <think>…</think>, <thinking>, <reasoning>,
/// all before a closing tag alone, and the channels but the final one of "<|channel|>analysis
/// <|message|>…<|end|>". Of a thought without an end only the opening tag is taken away. Tags
/// inside of an edit are its own.
std::string without_thoughts(std::string_view text);

/// The first line of prose, outside of thoughts, fences, blocks, diffs and patches: one line of
/// ≤ 200 characters, without heading marks or "Hypothesis:". Empty when there is none.
std::string hypothesis_line(std::string_view text);

/// The last line of prose of the form "LESSON: …", without that word: one line of ≤ 200 characters.
/// Empty when there is none.
std::string lesson_line(std::string_view text);

}  // namespace ratchet
