// SPDX-License-Identifier: MIT
//
// Why a run failed, short enough for an answer and a prompt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ratchet {

inline constexpr std::size_t max_excerpt_lines = 20;
inline constexpr std::size_t max_excerpt_bytes = 4096;

/// Valid UTF-8, ≤ 20 lines, ≤ 4 KB, without a line break at the end. `head` and `tail` are the
/// beginning and the end of the output; `head` is only looked at when the tail says nothing.
///
/// The last Python traceback, compiler error, panic, sanitizer report or uncaught exception, if
/// there is one; else "exit code 3" and the last lines, of a test suite those that tell what
/// failed. After a signal ("killed by signal 11 (SIGSEGV)") or a time-out ("timed out after 5 s")
/// that line always comes first. A line that merely has the word "error" in it is no cause. What
/// belongs to a cause may stand after blank lines, as in CMake's errors.
///
/// A last line says what to do where the output tells: a host that was not reached while
/// `isolation` (of the process's outcome) took the network away; tests that failed in the command
/// that `prints_metric`.
std::string error_excerpt(std::optional<int> exit_code, std::optional<int> signal, bool timed_out,
                          double timeout_s, std::string_view head, std::string_view tail,
                          std::string_view isolation = {}, bool prints_metric = true);

/// What the error of a step has in front of its excerpt, by the setting that gives its command:
/// "build_command failed: ".
inline std::string step_failed(std::string_view command) {
  return std::string(command) + " failed: ";
}

/// "SIGSEGV" for 11; "" for a number that has no common name.
std::string_view signal_name(int signal);

}  // namespace ratchet
