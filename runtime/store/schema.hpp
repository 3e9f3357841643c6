// SPDX-License-Identifier: MIT
//
// The layout of `<state>/ratchet.db`: written down here and in schema.cpp, nowhere else.
//
// The file is marked with application_id 0x52746368 ("Rtch"); user_version is the number of the
// last migration applied. A migration is never edited once released: a change is a new one at the
// end of the list. All text is UTF-8; `time` columns hold RFC 3339 in UTC; JSON columns hold what
// messages/*.hpp and actors/ports/*.hpp list in fields().
//
//   sessions      one row a session. settings and state are JSON; `state` belongs to the session
//                 actor. in_step is 1 while a step was begun and not answered.
//   results       one row an iteration (0 is the baseline). `body` is the whole iteration_record
//                 with its diff and output tail; decision, tree and commit are copies to search by.
//   events        append-only; seq never repeats, also after rows were deleted.
//   benchmarks    one row an execution, failed ones too. A trigger keeps benchmark_totals, so that
//                 the best tool is found in the same time whatever the number of rows.
//   hive_routing  what other nodes say of a tool: one vote a node.
//   recipes       full edits of kept iterations, one row an iteration.
//   snapshots     all metrics after a promotion, one row an iteration; the greatest id is the
//                 latest.
//   peers         nodes we know: where they are, what they told us, what we told them. `learned`:
//                 told of by another peer. public_key is the node id.
//   peers_in_use  those, without the learned ones while federation_settings.exchange is not 1.
//   removed_peers whom the owner has removed: no other peer brings them back.
//   federation_settings  exchange, share_recipes: 0 or 1.
//   outbox        learning deltas; the id is the delta's sequence number. `settled`: waits for
//                 nobody, and whether it was broadcast is noted with its session. At most 1,000.
//   deliveries    one row a delta and peer it is addressed to, by a trigger: pending, accepted,
//                 refused (`reason` says why).
//   received      deltas accepted from others, the newest 100 a node.
//   received_recipes  recipes of others, the newest 500 a node; never mixed with `recipes`.
#pragma once

#include "runtime/store/sqlite.hpp"

namespace ratchet::schema {

constexpr int application_id = 0x52746368;
/// The newest layout this program knows.
int version();

/// What is wrong with a file that is SQLite's and yet not for us.
struct refusal {
  std::string text;
};

/// Brings a new or older file to version(), in one transaction: after a crash it is either the old
/// layout or the new one. Several processes may do so at once. Throws `refusal` for a file of
/// another program or of a newer Ratchet, which is left as it is, and `sqlite::error`. `to`: only
/// so far, for the tests of the later migrations.
void migrate(sqlite::connection& c, int to = version());

}  // namespace ratchet::schema
