// SPDX-License-Identifier: MIT
//
// What a node keeps about other nodes: who they are, what is to be told to them, what they told.
// As every port: blocking, from any thread, never throws.
//
// A delta in the outbox is addressed, when it is put there, to every peer that is then in use; each
// of these deliveries is pending until the peer has accepted or refused it. The sequence number of
// a delta is its number in the outbox, which is never given twice, also after kill -9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/logic/delta_checks.hpp"
#include "actors/logic/hive_merge.hpp"
#include "messages/failure.hpp"
#include "messages/records.hpp"

namespace ratchet {

struct federation_settings {
  bool share_recipes = false;  ///< winning edits go to the peers, in full
  bool exchange = false;       ///< peers tell each other of peers, and those are used

  static constexpr auto fields() {
    using s = federation_settings;
    return field_list{field{"share_recipes", &s::share_recipes}, field{"exchange", &s::exchange}};
  }
};

/// Another owner's node. Times are milliseconds since 1970 UTC, 0: never.
struct peer_record {
  std::string node_id;
  std::string name;           ///< what the owner of this node calls it
  std::string address;        ///< HOST:PORT; empty: it is listened to and never called
  bool learned = false;       ///< told of by another peer: in use only while `exchange` is on
  std::string introduced_by;  ///< that peer's node id
  bool in_use = true;

  // What it told us.
  std::int64_t last_seen_ms = 0;  ///< it was connected, or answered
  std::int64_t last_sequence = 0;
  std::int64_t accepted = 0;
  std::int64_t refused = 0;
  std::string last_refusal;  ///< "reason: text"
  std::int64_t last_refusal_ms = 0;

  // What we told it.
  std::int64_t delivered = 0;  ///< it accepted
  std::int64_t rejected = 0;   ///< it refused
  std::int64_t pending = 0;
  std::string last_rejection;
  int failures = 0;  ///< attempts in a row that did not reach it
  std::int64_t next_attempt_ms = 0;
  std::string last_error;

  static constexpr auto fields() {
    using p = peer_record;
    return field_list{field{"node_id", &p::node_id},
                      field{"name", &p::name},
                      field{"address", &p::address},
                      field{"learned", &p::learned},
                      field{"introduced_by", &p::introduced_by},
                      field{"in_use", &p::in_use},
                      field{"last_seen_ms", &p::last_seen_ms},
                      field{"last_sequence", &p::last_sequence},
                      field{"accepted", &p::accepted},
                      field{"refused", &p::refused},
                      field{"last_refusal", &p::last_refusal},
                      field{"last_refusal_ms", &p::last_refusal_ms},
                      field{"delivered", &p::delivered},
                      field{"rejected", &p::rejected},
                      field{"pending", &p::pending},
                      field{"last_rejection", &p::last_rejection},
                      field{"failures", &p::failures},
                      field{"next_attempt_ms", &p::next_attempt_ms},
                      field{"last_error", &p::last_error}};
  }
};

/// A peer that another one tells of.
struct peer_introduction {
  std::string node_id;
  std::string address;

  static constexpr auto fields() {
    return field_list{field{"node_id", &peer_introduction::node_id},
                      field{"address", &peer_introduction::address}};
  }
};

/// A delta that some peer is still to be told; `id` is its sequence number.
struct outbox_entry {
  std::int64_t id = 0;
  std::string session_id;
  json delta;
  std::string time;
};

struct received_recipe {
  std::string node_id;
  recipe what;
};

class federation_port {
 public:
  virtual ~federation_port() = default;

  virtual expected<federation_settings> settings() = 0;
  virtual expected<> set(const federation_settings& settings) = 0;

  // -- peers -------------------------------------------------------------------------------------

  virtual expected<std::vector<peer_record>> peers() = 0;
  virtual expected<std::optional<peer_record>> peer(const std::string& node_id) = 0;
  /// Adds it, or changes name and address of one that is there; a learned one becomes the owner's
  /// own. A new peer is told the newest delta of the outbox.
  virtual expected<> add_peer(const std::string& node_id, const std::string& address,
                              const std::string& name, std::int64_t now_ms) = 0;
  /// With all it told us: votes, recipes, deltas. Only the owner can bring it back. False when
  /// there is none.
  virtual expected<bool> remove_peer(const std::string& node_id) = 0;
  /// Its next delta may have any sequence number, as from a state directory that was restored.
  /// False when there is no such peer.
  virtual expected<bool> forgive_sequence(const std::string& node_id) = 0;
  /// Keeps those that are news, as learned; at most `max_learned_peers` in all.
  virtual expected<> introduce(const std::vector<peer_introduction>& peers,
                               const std::string& introduced_by, std::int64_t now_ms) = 0;

  // -- sending -----------------------------------------------------------------------------------

  /// Durable before it returns. Its sequence number.
  virtual expected<std::int64_t> add_to_outbox(const std::string& session_id, const json& delta,
                                               const std::string& time) = 0;
  /// The next sequence number is greater than any that this node can have told, on a state
  /// directory that was restored. Returns what it follows.
  virtual expected<std::int64_t> renumber(std::int64_t now_ms) = 0;
  /// What this peer is to be told, in order of sequence.
  virtual expected<std::vector<outbox_entry>> pending(const std::string& node_id,
                                                      std::size_t limit) = 0;
  /// The peer has answered for good; `rejection` is empty when it accepted.
  virtual expected<> delivered(const std::string& node_id, std::int64_t sequence,
                               const std::string& rejection, std::int64_t now_ms) = 0;
  /// It could not be reached, or asked to be told later: not before `next_attempt_ms`. No error
  /// text clears what was noted before.
  virtual expected<> unreached(const std::string& node_id, const std::string& error, int failures,
                               std::int64_t next_attempt_ms) = 0;
  /// Notes with each session whose delta every addressed peer has accepted that it was broadcast,
  /// and forgets deltas that wait for nobody, but the newest. A session whose own last step is
  /// still at work is noted by a later call.
  virtual expected<> settle() = 0;

  // -- receiving ---------------------------------------------------------------------------------

  virtual expected<std::optional<delta_sender>> sender(const std::string& node_id,
                                                       std::int64_t now_ms) = 0;
  /// Takes over what it says, all or nothing: its votes replace the node's earlier ones. False when
  /// its sequence has been accepted meanwhile. Durable before it returns.
  virtual expected<bool> accept(const checked_delta& delta, std::int64_t now_ms) = 0;
  virtual expected<> refuse(const std::string& node_id, const delta_refusal& why,
                            std::int64_t now_ms) = 0;
  virtual expected<> seen(const std::string& node_id, std::int64_t now_ms) = 0;

  // -- what was learned --------------------------------------------------------------------------

  /// Of every node, for one kind of task.
  virtual expected<std::vector<hive_vote>> votes(const std::string& task_type) = 0;
  /// Newest first.
  virtual expected<std::vector<received_recipe>> received_recipes(std::size_t limit) = 0;
};

inline constexpr std::size_t max_learned_peers = 256;
/// Deltas kept for peers that cannot be reached; the oldest go first.
inline constexpr std::size_t max_outbox = 1000;
/// What is kept of a node, newest.
inline constexpr std::size_t max_received_deltas = 100;
inline constexpr std::size_t max_received_recipes = 500;

}  // namespace ratchet
