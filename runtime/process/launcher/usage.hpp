// SPDX-License-Identifier: MIT
//
// What a command and all its descendants used, measured by their supervisor.
#pragma once

#include "runtime/process/launch_protocol.hpp"

namespace ratchet::launch {

/// Counts the user-space instructions of the command that is started next and of everything it
/// starts, until the object's owner ends. The supervisor's own are not counted.
class instruction_counter {
 public:
  /// Before the command is started. False with errno when this machine cannot count.
  bool open();
  /// -1: it was not opened, or the counter never ran. Where others shared the counter, the count is
  /// scaled to the whole time.
  std::int64_t read() const;

 private:
  int fd_ = -1;
};

/// Processor time and greatest resident set of the descendants that have been reaped. Once none is
/// left that is all of them, also those that left the command's session or lost their parent; but
/// for the children of a process that ignores SIGCHLD, which the kernel lets nobody collect.
void take_usage(run_report& report);

}  // namespace ratchet::launch
