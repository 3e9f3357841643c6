// SPDX-License-Identifier: MIT
#include "runtime/mcp/json_rpc.hpp"

#include "tests/fuzz/targets.hpp"

namespace ratchet::fuzz {

namespace {

/// What goes out again is one line that can be read.
void check_line(const json& message) {
  const auto line = mcp::one_line(message);
  require(line.find('\n') == std::string::npos, "a message is one line");
  require(!json::parse(line, nullptr, false).is_discarded(), "a message is JSON");
}

struct answering {
  void operator()(const mcp::rpc_request& m) const {
    require(m.id.is_string() || m.id.is_number_integer(), "a request has an id");
    check_line(mcp::rpc_result(m.id, m.params));
  }
  void operator()(const mcp::rpc_notification& m) const {
    check_line(mcp::rpc_notice(m.method, m.params));
  }
  void operator()(const mcp::rpc_response& m) const { check_line(m.id); }
  void operator()(const mcp::rpc_unreadable& m) const { check_line(m.answer); }
};

}  // namespace

void json_rpc(std::string_view bytes) { std::visit(answering{}, mcp::parse_message(bytes)); }

}  // namespace ratchet::fuzz
