// SPDX-License-Identifier: MIT
//
// A process_request as the supervisor is told it: checked, with its environment, in bytes.
#pragma once

#include <string>
#include <vector>

#include "actors/ports/process_port.hpp"

namespace ratchet {

/// The command's whole environment as NAME=value: of Ratchet's own only PATH HOME USER LOGNAME
/// SHELL LANG LC_* TZ TMPDIR TERM, and what `named` asks for (NAME: passed on if set; NAME=value).
/// Numbers are in the C locale (LC_NUMERIC=C) unless `named` has LC_ALL, LC_NUMERIC or LANG.
/// GIT_CEILING_DIRECTORIES is set to the folders above `directory`, so that git in the command
/// never acts on a repository around it, whatever became of the one in it; unless `named` asks for
/// another. Refuses (`invalid_argument`) an entry without a name.
expected<std::vector<std::string>> command_environment(const std::vector<std::string>& named,
                                                       const std::string& directory);

/// The bytes for the control socket (launch_protocol.hpp). Refuses (`invalid_argument`) an empty
/// command, a relative directory or path, a NUL in a text, a time that is no time, and more than
/// 4 MiB in total.
expected<std::string> encode_request(const process_request& request);

}  // namespace ratchet
