// SPDX-License-Identifier: MIT
//
// What the end of a gate's command says of the candidate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/jobs.hpp"

namespace ratchet {

inline constexpr std::size_t max_gate_tail = 4096;

/// How a command ended. Neither exit code nor signal: it could not be started, and `output` says
/// why.
struct command_end {
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool timed_out = false;
  std::string_view output;  ///< its end
};

/// Only exit code 0 allows. The reason is one line: how the command ended unless that was exit code
/// 1, then the first line of output that tells of a failure, or else the last line. The tail is the
/// end of the output, ≤ 4 KB, without control sequences.
gate_verdict command_verdict(const external_gate& gate, const command_end& end);

/// Why a session with this judgement of its unmodified code cannot begin, with the end of the
/// gate's output: ≤ 20 lines, ≤ 4 KB. Empty when every gate allows it.
std::string baseline_refusal(const judgement& j);

/// "name: why" for each gate that let the candidate pass without having been asked, or without
/// having looked at all that it is there for.
std::vector<std::string> not_enforced(const judgement& j);

}  // namespace ratchet
