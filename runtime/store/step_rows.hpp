// SPDX-License-Identifier: MIT
//
// The parts of a step as rows: what of a message goes into which column, and back. Throws
// `sqlite::error`, and nlohmann's exceptions for a stored text that is no JSON of its kind.
#pragma once

#include <vector>

#include "runtime/store/sqlite.hpp"

namespace ratchet::rows {

/// JSON text as it is stored: invalid UTF-8 replaced, non-finite numbers as null.
std::string stored(const json& value);

void put(sqlite::connection& c, const session_record& session);
void put(sqlite::connection& c, const iteration_record& iteration);
void put(sqlite::connection& c, const recipe& kept);
void put(sqlite::connection& c, const snapshot& kept);
void put(sqlite::connection& c, const session_wish& wish);
/// Those of a session up to the id `last` are taken.
void take_wishes(sqlite::connection& c, const std::string& session_id, std::int64_t last);
/// Appends it and gives the seq.
std::int64_t put(sqlite::connection& c, const event& happened);
void put(sqlite::connection& c, const benchmark_row& row);

/// The columns that session_of reads, in its order.
#define RATCHET_SESSION_COLUMNS \
  "session_id, status, in_step, created_ms, updated_ms, settings, state"
session_record session_of(const sqlite::query& row);

}  // namespace ratchet::rows
