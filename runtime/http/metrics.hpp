// SPDX-License-Identifier: MIT
//
// GET /metrics: numbers for Prometheus, in its text format (version 0.0.4).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/hive.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace ratchet::http {

struct served_counts {
  std::map<std::string, std::int64_t> events;  ///< by topic, since the server began
  std::size_t event_readers = 0;
  std::size_t mcp_sessions = 0;
};

/// `version` of the program; sessions and tools as the store has them; of a node its machines too,
/// and what waits for them.
std::string metrics_text(whole_store& store, const served_counts& served,
                         const std::string& version, const worker_list* machines = nullptr);

}  // namespace ratchet::http
