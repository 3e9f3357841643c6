// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// The one line of an error excerpt that says what went wrong, for tables and prompts: the last
/// line of a traceback, the compiler's or linker's first "error:", the panic; else the last line
/// that says anything. One line, without blanks at its ends; "" for a text of blanks.
std::string telling_line(std::string_view error);

}  // namespace ratchet
