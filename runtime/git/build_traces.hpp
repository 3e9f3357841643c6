// SPDX-License-Identifier: MIT
//
// Telling what a build made from what a program left: by the first bytes of a file and by names.
#pragma once

#include <string_view>

namespace ratchet::git {

enum class trace {
  none,
  object,      ///< compiled, not yet linked: there are sources near by
  compiled,    ///< a library, a program, byte code of a compiler
  dependency,  ///< what an object depends on, as the compiler wrote it down
  log,         ///< of a build tool: the folder is one that it builds in
};

/// Whether who finds this there may take it that sources are compiled in this tree. A program alone
/// does not show it: its objects may lie elsewhere, and be out of date by other times.
bool shows_building(std::string_view path, trace found);

/// So many bytes of the beginning are enough.
constexpr std::size_t trace_head = 256;

/// `path` is relative to the work tree; `head` the first trace_head bytes, or all of a shorter
/// file.
trace trace_of(std::string_view path, std::string_view head);

/// Its compilers and build tools know no whole seconds and sizes, only which of two files is later.
bool is_compiled_source(std::string_view path);

}  // namespace ratchet::git
