// SPDX-License-Identifier: MIT
//
// The sandbox: namespaces that the supervisor enters before it starts the command.
#pragma once

#include "runtime/process/launcher/job.hpp"

namespace ratchet::launch {

/// Puts the calling process where the job's sandbox wants the command: without network, read-only
/// paths mounted so, the directory covered by its overlay. `automatic` goes as far as the machine
/// lets it, `strict` all the way or not, but for the overlay, which hides nothing from the command.
/// Fills `network_isolated`, `mounts_isolated` and `overlaid`; false with stage, error number and
/// detail when the run must not start.
bool isolate(const job& job, run_report& report);

/// In the command's process, just before exec: takes from it what would undo the sandbox, namely
/// the privilege to remount and to enter other namespaces (as root), and signals to processes
/// outside its own tree where Landlock can do so (Linux 6.12). Best effort; without new privileges.
void confine_command(const job& job);

}  // namespace ratchet::launch
