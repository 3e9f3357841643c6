// SPDX-License-Identifier: MIT
//
// The table of what must not leave. Used by egress_guard only.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Group 1 of `expression` is what is redacted. `accept` decides where an expression is not enough;
/// it sees the match and the text before and after it.
struct egress_pattern {
  using check = bool (*)(std::string_view match, std::string_view before, std::string_view after);

  std::string kind;
  std::unique_ptr<re2::RE2> expression;
  check accept;
};

/// In the order in which they are looked for: the specific before the general.
const std::vector<egress_pattern>& egress_patterns();

/// Whether a JSON key says that its value is a secret: "password", "api_key", "github_token".
bool names_a_secret(std::string_view key);

}  // namespace ratchet
