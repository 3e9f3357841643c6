// SPDX-License-Identifier: MIT
//
// What a command and all its descendants used, measured by their supervisor.
#pragma once

#include "runtime/process/launch_protocol.hpp"

namespace ratchet::launch {

/// A counter of the kernel for the command that is started next and for everything it starts, until
/// this process ends. What the supervisor itself does is not counted.
class tree_counter {
 public:
  enum class unit { instructions, cpu_ns };  ///< instructions in user space only

  /// Before the command is started. False with errno when this machine cannot count.
  bool open(unit what);
  /// -1: it was not opened, or never ran. Where others shared the processor's counter, the count is
  /// scaled to the whole time.
  std::int64_t read() const;

 private:
  int fd_ = -1;
};

/// Processor time and greatest resident set of the descendants that have been reaped. Once none is
/// left that is all of them, also those that left the command's session or lost their parent; but
/// for the children of a process that ignores SIGCHLD, which the kernel lets nobody wait for: a
/// counter sees those.
void take_usage(run_report& report, const tree_counter& cpu);

}  // namespace ratchet::launch
