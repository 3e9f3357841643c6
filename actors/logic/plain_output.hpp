// SPDX-License-Identifier: MIT
//
// What a terminal would show in the end of what a program printed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

/// Valid UTF-8 without control sequences (colours, cursor moves, titles) and other control
/// characters but '\n' and '\t'. A line that was written over with '\r' is as one would see it:
/// what was not reached again stays, unless it was erased. Blanks at the ends of lines and empty
/// lines at the end are gone.
std::string plain_output(std::string_view bytes);

/// The last whole lines of plain_output() that fit into `max_bytes`; of a single line that does not
/// fit, its end.
std::string plain_tail(std::string_view bytes, std::size_t max_bytes);

}  // namespace ratchet
