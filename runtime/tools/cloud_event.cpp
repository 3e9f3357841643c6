// SPDX-License-Identifier: MIT
#include "runtime/tools/cloud_event.hpp"

#include <cinttypes>
#include <cstdio>

namespace ratchet {

json cloud_event(const event& e) {
  std::array<char, 24> sequence{};
  std::snprintf(sequence.data(), sequence.size(), "%020" PRId64, e.seq);
  const std::string session = e.session_id.empty() ? "node" : e.session_id;
  return {{"specversion", "1.0"},
          {"id", session + "/" + std::to_string(e.seq)},
          {"source", "/ratchet/" + session},
          {"type", e.topic},
          {"time", e.time},
          {"datacontenttype", "application/json"},
          {"sequence", sequence.data()},
          {"data", e.payload}};
}

}  // namespace ratchet
