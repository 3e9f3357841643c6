// SPDX-License-Identifier: MIT
//
// The checks of single options that the backends share. Each answers what is wrong, as
// "option NAME must be …, not …", or an empty string; an absent option is fine.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet::option {

/// A value on one line, at most 60 characters.
std::string quoted(const json& value);
std::string want(const std::string& option, const std::string& rule, const json& value);
/// The first that is not empty.
std::string first_of(std::initializer_list<std::string> problems);

std::string check_bool(const json& options, const char* name);
std::string check_text(const json& options, const char* name);
std::string check_one_of(const json& options, const char* name,
                         const std::vector<std::string>& allowed);
std::string check_number(const json& options, const char* name, double lo, double hi, bool whole,
                         const std::string& rule);
bool is_text_list(const json& value);

}  // namespace ratchet::option
