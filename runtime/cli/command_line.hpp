// SPDX-License-Identifier: MIT
#pragma once

namespace ratchet::cli {

/// The whole program: reads the arguments, does what they say, returns the exit status (0 done, 1
/// failed, 2 usage). Starts no thread before `call` has had its chance to fork.
int run_command_line(int argc, char** argv);

}  // namespace ratchet::cli
