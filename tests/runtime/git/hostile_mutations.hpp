// SPDX-License-Identifier: MIT
//
// What a candidate may do to the work tree it runs in.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/git/temp_repository.hpp"

namespace ratchet::test {

struct hostile_mutation {
  std::string name;
  std::function<void(const std::filesystem::path& work, const temp_repository&)> apply;
  std::string script;  ///< the same as a shell command in the work tree; "" where there is none
};

const std::vector<hostile_mutation>& hostile_mutations();
hostile_mutation sh(std::string name, std::string script);

/// Another text in train.py that no stat() tells from the one before but by its ctime.
void same_size_and_time(const std::filesystem::path& work, const temp_repository&);

}  // namespace ratchet::test
