// SPDX-License-Identifier: MIT
//
// How much the program tells of its work on standard error.
#pragma once

#include <string>

#include "messages/failure.hpp"
#include "runtime/tools/config.hpp"

namespace ratchet::cli {

/// Sets the level of the log: `flag` (of --log), else $RATCHET_LOG, else info. With debug each line
/// has its time. Refuses (`invalid_argument`) what is none of debug, info, warning, error, off.
expected<> set_log_level(const std::string& flag, const environment_map& environment);

}  // namespace ratchet::cli
