// SPDX-License-Identifier: MIT
//
// Who may ask: a server on the loopback address is reachable by every web page that the user's
// browser shows, so that names and origins are looked at before anything else (DNS rebinding).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/http/server.hpp"

namespace ratchet::http {

struct refused_request {
  int status = 403;
  std::string why;
  headers more;
};

/// Nothing when the request may be served: `Host` names the loopback (or one of
/// `options.host_names`), `Origin` is absent or such a name, the token is right.
std::optional<refused_request> refusal(const request& r, const server_options& options,
                                       std::uint16_t port);

/// ASCII letters alone.
std::string lower(std::string text);

/// `a=1&b=two+words%21`, decoded.
std::vector<std::pair<std::string, std::string>> read_query(const std::string& text);

/// The same time whatever differs.
bool equal_secrets(const std::string& a, const std::string& b);

}  // namespace ratchet::http
