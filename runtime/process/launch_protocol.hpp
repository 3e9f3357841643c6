// SPDX-License-Identifier: MIT
//
// What Ratchet, its launcher and the supervisors say to each other. Both ends come from one build
// and run on one machine, so plain structs are sent as they lie in memory; `magic` changes with
// every change of this file and refuses a launcher of another build.
//
//   Ratchet --SEQPACKET--> launcher     one `run_ticket` a run, with the descriptors of the run:
//                                       control, output, input (SCM_RIGHTS, in this order)
//   Ratchet --control--> supervisor     `run_header`, its body, later perhaps `cancel_byte`
//   supervisor --control--> Ratchet     `accepted_byte`, then one `run_report`
//
// The control socket of a run is a STREAM pair. Its end of file tells the supervisor that Ratchet
// died, and Ratchet that the supervisor died. When a supervisor died, the launcher ends what it
// left behind and sends the report in its place.
#pragma once

#include <cstdint>

namespace ratchet::launch {

constexpr std::uint32_t magic = 0x52540003;
/// Linux refuses a longer argument list at exec anyway (a quarter of the stack limit, 2 MiB).
constexpr std::uint32_t max_body_bytes = 4U << 20;
constexpr char accepted_byte = 'a';
constexpr char cancel_byte = 'c';

struct run_ticket {
  std::uint32_t magic = launch::magic;
  std::uint32_t has_input = 0;
};

enum class sandbox : std::uint8_t { none, automatic, strict };

/// Followed by `body_bytes`: directory, overlay (empty: none), arguments, environment, read-only
/// paths; each ends in NUL.
struct run_header {
  std::uint32_t magic = launch::magic;
  std::uint32_t body_bytes = 0;
  std::int64_t timeout_ns = 0;
  std::int64_t grace_ns = 0;
  std::uint32_t arguments = 0;
  std::uint32_t variables = 0;
  std::uint32_t read_only_paths = 0;
  launch::sandbox sandbox = launch::sandbox::none;
  std::uint8_t network_off = 0;
  std::uint8_t count_instructions = 0;
  std::uint8_t whole_cpu = 0;  ///< with a counter of its own, where there can be one
};

/// Where a run ended that has no outcome.
enum class stage : std::uint32_t {
  done = 0,         ///< no failure: the report is an outcome
  request,          ///< the request was not understood
  user_namespace,   ///< sandbox
  network,          ///< sandbox
  mounts,           ///< sandbox; `detail` is the path
  supervisor,       ///< the launcher could not fork a supervisor
  fork,             ///< the supervisor could not fork the command
  directory,        ///< the command's directory could not be entered
  exec,             ///< the command could not be executed
  instructions,     ///< they are asked for and cannot be counted here
  processes,        ///< leftovers could not be found (no /proc)
  supervisor_lost,  ///< the supervisor was killed; `signal` says by what, its processes are ended
};

struct run_report {
  std::uint32_t magic = launch::magic;
  launch::stage stage = launch::stage::done;
  std::int32_t error_number = 0;
  std::int32_t exit_code = -1;  ///< -1: ended by `signal`
  std::int32_t signal = 0;
  std::int32_t leftovers_killed = 0;
  std::int64_t duration_ns = 0;
  std::int64_t cpu_ns = 0;         ///< user and system, of the command and its descendants
  std::int64_t max_rss_bytes = 0;  ///< of the one that had the most
  std::int64_t instructions = -1;  ///< -1: not counted
  std::uint8_t timed_out = 0;
  std::uint8_t cancelled = 0;
  std::uint8_t network_isolated = 0;
  std::uint8_t mounts_isolated = 0;
  std::uint8_t overlaid = 0;
  char detail[251] = {};  ///< ends in NUL
};

}  // namespace ratchet::launch
