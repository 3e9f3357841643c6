// SPDX-License-Identifier: MIT
//
// The flags of `ratchet run` on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "runtime/cli/run_flags.hpp"

namespace ratchet::cli {

/// Adds every flag, its help and the examples to the sub-command; parsing fills `flags`.
void add_run_options(CLI::App& run, run_flags& flags);

}  // namespace ratchet::cli
