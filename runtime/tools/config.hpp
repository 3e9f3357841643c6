// SPDX-License-Identifier: MIT
//
// Settings from four places, the nearest first:
//   1. flags            what the command line said
//   2. environment      RATCHET_MAX_ITERATIONS=20: RATCHET_ and the setting's name in capitals
//   3. ratchet.json     in the repository
//   4. config.json      the user's: $XDG_CONFIG_HOME/ratchet, else ~/.config/ratchet
// The names are the arguments of autoresearch_setup (but repo_path and wait_ms, which belong to a
// call). Each setting comes whole from one place: lists are not joined, objects not merged.
// target_file and target_files are one setting, as a place names one or the other.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "messages/failure.hpp"
#include "messages/json.hpp"

namespace ratchet {

using environment_map = std::map<std::string, std::string>;

/// The environment of this process.
environment_map process_environment();

/// The arguments for autoresearch_setup, but repo_path unless a flag gives it. In a file the path
/// `constitution` starts at the file's directory. In the environment a list is JSON or words
/// separated by commas, a command text or a JSON list, an object JSON.
///
/// Fails with `invalid_argument`: a file that cannot be read or is no JSON object (with the line),
/// an unknown name (with the place and the nearest known name; an unknown variable only when it is
/// near to a known one, as others use the prefix), a value of the wrong kind. Absent files are
/// fine.
expected<json> load_setup_arguments(const json& flags, const std::filesystem::path& repository,
                                    const environment_map& environment = process_environment());

}  // namespace ratchet
