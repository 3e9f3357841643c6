// SPDX-License-Identifier: MIT
//
// The parts of a prompt that tell what was seen, tried and learnt: each with how soon it gives way
// when the prompt is too long. Everything that came from outside is fenced or on one line, and
// called data.
#pragma once

#include <string>
#include <vector>

#include "actors/ports/editor_port.hpp"

namespace ratchet {

/// In this order they give way, the last of a kind first.
enum class gives_way : std::uint8_t {
  zeroth_neighbours,  ///< files that the targets speak of
  first_context,      ///< files beside the targets
  second_losers,      ///< diffs of candidates that lost
  third_kept,         ///< diffs of kept ones
  fourth_output,      ///< what was printed
  fifth_results,      ///< the list of results
  never,
};

struct prompt_part {
  gives_way when = gives_way::never;
  std::string text;
  /// Said in its place, once for neighbours, when it is left out; may be empty.
  std::string left_out;
};

/// Fenced, with a name in front: "\nNAME\n```\n…\n```\n". Valid UTF-8, ≤ `most` bytes and a note.
std::string fenced(const std::string& name, std::string_view bytes, std::size_t most,
                   std::string_view note_when_cut);

/// The results, a line each, oldest first; the last ten with why they ended so.
std::vector<prompt_part> result_parts(const edit_context& context);
/// What the best code printed, and in full how the last one failed that did.
std::vector<prompt_part> output_parts(const edit_context& context);
/// Changes that were kept, newest first, then those that lost, the nearest to the best first.
std::vector<prompt_part> diff_parts(const edit_context& context);
/// Lessons from replies, the best supported first.
std::vector<prompt_part> lesson_parts(const edit_context& context);
std::vector<prompt_part> context_file_parts(const edit_context& context);
/// The beginnings of files that the targets include or import.
std::vector<prompt_part> neighbour_parts(const edit_context& context);

/// Which kind of idea is asked for this time: "next" for the next best one, "explore", "angle" for
/// another angle, "combine".
std::string arm_of(const edit_context& context);
/// How that is asked for; empty for "next".
std::string arm_text(const std::string& arm);

}  // namespace ratchet
