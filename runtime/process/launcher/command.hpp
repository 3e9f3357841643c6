// SPDX-License-Identifier: MIT
//
// Starting the command itself.
#pragma once

#include <sys/types.h>

#include "runtime/process/launcher/job.hpp"

namespace ratchet::launch {

/// Starts the command in a session of its own with `input` as stdin and `output` as stdout and
/// stderr, and with nothing else of ours: default signals, no other descriptors, no new privileges,
/// no core files, first in line when memory runs out. Returns once it executes; -1 with stage and
/// error number in the report when it cannot be executed.
pid_t start_command(const job& job, int input, int output, run_report& report);

}  // namespace ratchet::launch
