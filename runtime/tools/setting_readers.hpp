// SPDX-License-Identifier: MIT
//
// Readers of settings that have rules beyond kind and limits. What they refuse is
// `invalid_argument` and names the field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet {

expected<std::string> read_path(std::string_view field, const json& value);
/// "" is none.
expected<std::string> read_path_if_any(std::string_view field, const json& value);
/// Inside the repository, each once.
expected<std::vector<std::string>> read_inside_paths(std::string_view field, const json& list);
/// A file, a folder, or a pattern.
expected<std::string> read_target(std::string_view field, const json& value);
expected<std::vector<std::string>> read_targets(std::string_view field, const json& list);
/// "" is none.
expected<std::string> read_identifier(std::string_view field, const json& value);
/// NAME or NAME=value.
expected<std::vector<std::string>> read_environment_names(std::string_view field, const json& list);
/// "@FILE" is what the file holds: text of at most 32 KiB.
expected<std::string> read_text_or_file(std::string_view field, const json& value);
expected<std::vector<std::string>> read_globs(std::string_view field, const json& list);
expected<std::vector<std::string>> read_requirements(std::string_view field, const json& list);

/// A name of one line, and a pattern that compiles. `field` is that of the refusal.
expected<> check_metric(std::string_view field, const metric_rule& rule);

}  // namespace ratchet
