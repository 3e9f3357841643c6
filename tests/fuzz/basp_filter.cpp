// SPDX-License-Identifier: MIT
#include "runtime/net/basp_filter.hpp"

#include <algorithm>
#include <string>

#include "tests/fuzz/targets.hpp"

namespace ratchet::fuzz {

namespace {

constexpr std::size_t max_payload = 1 << 16;

struct relayed {
  std::string passed;
  bool refused = false;
};

/// As the relay does it: what has come is offered, what may not pass yet is offered again.
relayed relay(net::basp_filter::sender who, std::string_view bytes, std::size_t piece) {
  net::basp_filter filter(who, max_payload);
  relayed r;
  std::string held;
  while (!bytes.empty() && !r.refused) {
    held += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    const auto passable = filter.passable(held);
    r.refused = !passable;
    if (r.refused) break;
    require(*passable <= held.size(), "no more passes than there is");
    r.passed += held.substr(0, *passable);
    held.erase(0, *passable);
    require(held.size() <= net::basp_filter::max_held, "no more is held than is promised");
  }
  return r;
}

}  // namespace

void basp_filter(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto who = bytes[0] == 'c' ? net::basp_filter::sender::client  //
                                   : net::basp_filter::sender::server;
  const auto stream = bytes.substr(1);
  const auto whole = relay(who, stream, stream.size());
  const auto cut = relay(who, stream, 5);
  require(whole.refused == cut.refused, "a stream is refused or not, however it is cut");
  require(whole.refused || whole.passed == cut.passed, "the same passes, however it is cut");
}

}  // namespace ratchet::fuzz
