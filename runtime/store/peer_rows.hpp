// SPDX-License-Identifier: MIT
//
// Peers, deliveries and what was received as rows. As step_rows.hpp: throws `sqlite::error`, and
// nlohmann's exceptions for a stored text that is no JSON of its kind. What writes belongs into a
// transaction of the caller's.
#pragma once

#include <vector>

#include "actors/ports/federation_port.hpp"
#include "runtime/store/sqlite.hpp"

namespace ratchet::rows {

/// Fit to be stored: valid UTF-8, at most 300 characters, one line.
std::string stored_text(const std::string& text);

/// What peer_of reads; conditions follow.
#define RATCHET_SELECT_PEERS                                                                    \
  "SELECT p.node_id, p.name, p.address, p.learned, p.introduced_by, "                           \
  "p.node_id IN (SELECT node_id FROM peers_in_use), p.last_seen_ms, p.last_sequence, "          \
  "p.accepted, p.refused, p.last_refusal, p.last_refusal_ms, p.delivered, p.rejected, "         \
  "(SELECT count(*) FROM deliveries d WHERE d.node_id = p.node_id AND d.outcome = 'pending'), " \
  "p.last_rejection, p.failures, p.next_attempt_ms, p.last_error FROM peers p"
peer_record peer_of(const sqlite::query& row);

void put_peer(sqlite::connection& c, const std::string& node_id, const std::string& address,
              const std::string& name, std::int64_t now_ms);
bool remove_peer(sqlite::connection& c, const std::string& node_id);
/// Nothing when it is known, or there are max_learned_peers.
void introduce(sqlite::connection& c, const peer_introduction& news,
               const std::string& introduced_by, std::int64_t now_ms);

/// The newest delta of the outbox is to be told to this peer too.
void address_newest(sqlite::connection& c, const std::string& node_id);
/// Deltas that wait for nobody and are not settled.
std::vector<std::int64_t> answered(sqlite::connection& c);
/// federation_port::settle(). Whether all of them are settled now.
bool settle(sqlite::connection& c);

/// federation_port::accept().
bool accept(sqlite::connection& c, const checked_delta& delta, std::int64_t now_ms);
std::vector<received_recipe> received_recipes(sqlite::connection& c, std::size_t limit);

}  // namespace ratchet::rows
