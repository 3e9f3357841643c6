// SPDX-License-Identifier: MIT
//
// Calls for the tests of the tool table: a good one, and the same with one thing changed.
#pragma once

#include <string>

#include "messages/json.hpp"

namespace ratchet::testing {

inline json good_setup() {
  return {{"repo_path", "/lab/repo"}, {"target_file", "train.py"}, {"run_command", "make run"}};
}

/// The good setup with some keys replaced; null removes one.
inline json setup_with(const json& changes) {
  json arguments = good_setup();
  for (auto it = changes.begin(); it != changes.end(); ++it) {
    if (it.value().is_null())
      arguments.erase(it.key());
    else
      arguments[it.key()] = it.value();
  }
  return arguments;
}

inline json edit_with(const json& changes) {
  json arguments{{"session_id", "0123456789ab"}};
  for (auto it = changes.begin(); it != changes.end(); ++it) arguments[it.key()] = it.value();
  return arguments;
}

}  // namespace ratchet::testing
