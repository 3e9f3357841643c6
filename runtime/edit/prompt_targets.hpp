// SPDX-License-Identifier: MIT
//
// What a prompt says of the files that may be changed.
#pragma once

#include <cstddef>
#include <string>

#include "actors/ports/editor_port.hpp"

namespace ratchet {

/// As given, and where that is folders or patterns what it means: on one line.
std::string target_line(const edit_context& context);

/// A file for the example of an answer: the first that is named or shown; "FILE" when none is.
std::string example_target(const edit_context& context);

/// The texts, as far as `budget` bytes go: those that were edited last first, then in the order of
/// target_files. What does not fit or is no text is named with its size; the first is cut if it
/// must be. `readable`: the reader can open the files.
std::string target_texts(const edit_context& context, std::size_t budget, bool readable);

/// How a file is made or removed, where that may be.
std::string new_file_hint(const edit_context& context);

}  // namespace ratchet
