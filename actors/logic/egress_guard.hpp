// SPDX-License-Identifier: MIT
//
// The last look at what leaves this node: personal data and secrets, in every string and key at
// every depth, are found and taken out.
//
// Found are: e-mail addresses, telephone numbers (with a country code or separators, so that a bare
// ten-digit number is none), US social security numbers, public IPv4 addresses, payment cards (by
// issuer, length and Luhn), keys of AWS, Anthropic, OpenAI, GitHub, GitLab, Slack, Google, Stripe,
// Hugging Face, npm and SendGrid, private-key blocks, JSON web tokens, bearer tokens, assignments
// to a password, secret, token or key, the credentials of a connection URL, and home folders, which
// name a user. Left alone are hexadecimal ids, UUIDs, plain numbers, versions, dates, and loopback
// and private addresses. What is written to hide (encoded, split up) is not found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/json.hpp"

namespace ratchet {

/// `where` is a JSON pointer, redacted itself; `kind` is for example "email".
struct egress_finding {
  std::string where;
  std::string kind;
};

struct guarded_document {
  json document;                         ///< with "[redacted:<kind>]" in place of each finding
  std::vector<egress_finding> findings;  ///< in document order

  bool clean() const { return findings.empty(); }
};

/// Redacts a whole document. What was clean comes back as it was.
guarded_document guard_egress(const json& document);

/// The same for one text: `kinds` gets what was found.
std::string redacted_text(std::string_view text, std::vector<std::string>& kinds);

/// "/a/b (email), /c (jwt)": for a log line or a reason.
std::string describe(const std::vector<egress_finding>& findings);

}  // namespace ratchet
