// SPDX-License-Identifier: MIT
//
// Commands and their output. A port fails in words: what happened, to what, what to do next; none
// throws, all may be called from several threads at once.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Receives the output (stdout and stderr in one stream) of a process while it runs.
class output_sink {
 public:
  virtual ~output_sink() = default;
  virtual void consume(std::string_view bytes) = 0;
};

struct process_request {
  command_line command;
  std::string directory;  ///< absolute
  std::vector<std::string>
      environment;  ///< added to the allow-list: NAME (passed on) or NAME=value
  double timeout_s = 300;
  double grace_s = 5;  ///< between SIGTERM and SIGKILL
  std::string input;   ///< written to stdin, then closed; empty: stdin is /dev/null
  sandbox_mode sandbox = sandbox_mode::none;
  std::vector<std::string> read_only_paths;  ///< absolute; mounted read-only where possible
  bool network = true;                       ///< false: off where the sandbox can do so
  bool count_instructions = false;           ///< in outcome.instructions, where the machine can
  /// Where the machine can, outcome.cpu_s also has children of processes that ignore SIGCHLD. It
  /// costs the command some time at each change of tasks.
  bool whole_cpu = false;
  /// Absolute; holds two empty folders `upper` and `work`. Where the machine can, the command sees
  /// `directory` through an overlay: what it writes there lands in `upper`. Empty: no overlay.
  std::string overlay;
};

struct process_outcome {
  std::optional<int> exit_code;  ///< unset when a signal ended it
  std::optional<int> signal;
  bool timed_out = false;
  bool cancelled = false;
  double duration_s = 0;
  std::string output_head;         ///< first ≤ 5,000 characters, valid UTF-8
  std::string output_tail;         ///< last ≤ 5,000 characters, valid UTF-8
  long long output_bytes = 0;      ///< all that was printed
  int leftovers_killed = 0;        ///< descendants that were still there after the command's end
  std::string isolation = "none";  ///< "none", "network" or "network+mounts"
  bool overlaid = false;           ///< `directory` itself was not written to
  double cpu_s = 0;                ///< user and system, of the command and all its descendants
  double max_rss_mb = 0;  ///< the greatest resident set of one of them, in 10^6 bytes; of one whose
                          ///< parent ignores SIGCHLD the kernel tells nobody
  std::optional<double> instructions;  ///< when asked for and the machine can count them

  bool succeeded() const { return !timed_out && !cancelled && exit_code == 0; }
};

class process_port {
 public:
  virtual ~process_port() = default;
  /// Runs a command to its end, and ends every descendant with it: when this returns none is left
  /// and all output has been handed to `sink` (which may be null). Fails only when the command
  /// could not be started or watched; its own failure is an outcome.
  virtual expected<process_outcome> run(const process_request& request, output_sink* sink,
                                        std::stop_token stop) = 0;
};

}  // namespace ratchet
