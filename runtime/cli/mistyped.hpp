// SPDX-License-Identifier: MIT
//
// Words of a command line that are none of ours, and what may be meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ratchet::cli {

/// " Did you mean `ratchet …`?" of the first word that should be a command and is none; else empty.
std::string usage_advice(const CLI::App& top, int argc, char** argv);

/// The first flag before `--` that the command does not have, and what may be meant; else empty.
/// (Left to CLI11, it would swallow the flag and complain of what stands behind `--`.)
std::string unknown_flag(const CLI::App& top, int argc, char** argv);

}  // namespace ratchet::cli
