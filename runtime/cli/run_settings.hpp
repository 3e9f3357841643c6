// SPDX-License-Identifier: MIT
//
// The arguments of autoresearch_setup for `ratchet run`: its flags, and what the environment and
// the files say.
#pragma once

#include "runtime/cli/run_flags.hpp"

namespace ratchet::cli {

/// For a repository of this machine: the one that --repo names, else the one that we are in.
expected<> read_settings(const run_flags& flags, json& settings);

/// For one of a node's machine, which need not exist here: --repo names it. Of the files, the
/// ratchet.json is read of the repository that we are in; all paths are the node's.
expected<> read_settings_for_node(const run_flags& flags, json& settings);

}  // namespace ratchet::cli
