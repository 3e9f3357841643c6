// SPDX-License-Identifier: MIT
#include "runtime/git/ignore_rules.hpp"

namespace ratchet::git {

std::string filter_of(git_repository* repository, const std::string& path) {
  const char* filter = nullptr;
  int rc =
      git_attr_get(&filter, repository, GIT_ATTR_CHECK_FILE_THEN_INDEX, path.c_str(), "filter");
  return rc == 0 && git_attr_value(filter) == GIT_ATTR_VALUE_STRING ? filter : "";
}

}  // namespace ratchet::git
