// SPDX-License-Identifier: MIT
#include "runtime/store/peer_rows.hpp"

#include "actors/logic/text.hpp"
#include "runtime/store/step_rows.hpp"

namespace ratchet::rows {

using sqlite::connection;
using sqlite::query;

std::string stored_text(const std::string& text) { return one_line(valid_utf8(text), 300); }

peer_record peer_of(const query& row) {
  peer_record p;
  p.node_id = row.text(0);
  p.name = row.text(1);
  p.address = row.text(2);
  p.learned = row.integer(3) != 0;
  p.introduced_by = row.text(4);
  p.in_use = row.integer(5) != 0;
  p.last_seen_ms = row.integer(6);
  p.last_sequence = row.integer(7);
  p.accepted = row.integer(8);
  p.refused = row.integer(9);
  p.last_refusal = row.text(10);
  p.last_refusal_ms = row.integer(11);
  p.delivered = row.integer(12);
  p.rejected = row.integer(13);
  p.pending = row.integer(14);
  p.last_rejection = row.text(15);
  p.failures = static_cast<int>(row.integer(16));
  p.next_attempt_ms = row.integer(17);
  p.last_error = row.text(18);
  return p;
}

void put_peer(connection& c, const std::string& node_id, const std::string& address,
              const std::string& name, std::int64_t now_ms) {
  const auto time = rfc3339(now_ms);
  query(c, "DELETE FROM removed_peers WHERE node_id = ?", node_id).run();
  query(c,
        "INSERT INTO peers (node_id, address, public_key, last_sequence, time, name) "
        "VALUES (?1, ?2, ?1, 0, ?3, ?4) ON CONFLICT (node_id) DO UPDATE SET "
        "address = ?2, learned = 0, failures = 0, next_attempt_ms = 0, last_error = '', "
        "name = CASE WHEN ?4 = '' THEN name ELSE ?4 END",
        node_id, address, time, name)
      .run();
}

bool remove_peer(connection& c, const std::string& node_id) {
  query(c, "DELETE FROM peers WHERE node_id = ?", node_id).run();
  const bool found = c.changes() > 0;
  if (found) query(c, "INSERT OR IGNORE INTO removed_peers VALUES (?)", node_id).run();
  query(c, "DELETE FROM deliveries WHERE node_id = ? AND outcome = 'pending'", node_id).run();
  query(c, "DELETE FROM hive_routing WHERE node_id = ?", node_id).run();
  query(c, "DELETE FROM received WHERE node_id = ?", node_id).run();
  query(c, "DELETE FROM received_recipes WHERE node_id = ?", node_id).run();
  return found;
}

void introduce(connection& c, const peer_introduction& news, const std::string& introduced_by,
               std::int64_t now_ms) {
  const auto time = rfc3339(now_ms);
  query(c,
        "INSERT OR IGNORE INTO peers (node_id, address, public_key, last_sequence, time, learned, "
        "introduced_by) SELECT ?1, ?2, ?1, 0, ?3, 1, ?4 "
        "WHERE (SELECT count(*) FROM peers WHERE learned = 1) < ?5 "
        "AND ?1 NOT IN (SELECT node_id FROM removed_peers)",
        news.node_id, news.address, time, introduced_by,
        static_cast<std::int64_t>(max_learned_peers))
      .run();
}

void address_newest(connection& c, const std::string& node_id) {
  query(c,
        "INSERT OR IGNORE INTO deliveries (outbox_id, node_id, outcome) "
        "SELECT id, ?, 'pending' FROM outbox ORDER BY id DESC LIMIT 1",
        node_id)
      .run();
  if (c.changes() > 0)
    query(c, "UPDATE outbox SET settled = 0 WHERE id = (SELECT max(id) FROM outbox)").run();
}

std::vector<std::int64_t> answered(connection& c) {
  std::vector<std::int64_t> found;
  query q(c,
          "SELECT id FROM outbox WHERE settled = 0 AND NOT EXISTS (SELECT 1 FROM deliveries "
          "WHERE outbox_id = id AND outcome = 'pending') ORDER BY id");
  while (q.next()) found.push_back(q.integer(0));
  return found;
}

namespace {

/// Whether there were peers to tell, and all accepted.
bool told_everybody(connection& c, std::int64_t id) {
  query q(c, "SELECT count(*), sum(outcome = 'accepted') FROM deliveries WHERE outbox_id = ?", id);
  q.next();
  return q.integer(0) > 0 && q.integer(0) == q.integer(1);
}

/// False while the session's own last step, which would write over it, is at work.
bool note_broadcast(connection& c, std::int64_t id) {
  {
    query q(c,
            "SELECT 1 FROM sessions WHERE in_step = 1 AND session_id = "
            "(SELECT session_id FROM outbox WHERE id = ?)",
            id);
    if (q.next()) return false;
  }
  query(c,
        "UPDATE sessions SET state = json_set(state, '$.federation_broadcast_enforced', "
        "json('true')) WHERE session_id = (SELECT session_id FROM outbox WHERE id = ?)",
        id)
      .run();
  return true;
}

}  // namespace

bool settle(connection& c) {
  bool all = true;
  for (auto id : answered(c)) {
    if (told_everybody(c, id) && !note_broadcast(c, id)) {
      all = false;
      continue;
    }
    query(c, "UPDATE outbox SET settled = 1 WHERE id = ?", id).run();
  }
  query(c, "DELETE FROM outbox WHERE settled = 1 AND id < (SELECT max(id) FROM outbox)").run();
  query(c, "DELETE FROM deliveries WHERE outbox_id NOT IN (SELECT id FROM outbox)").run();
  return all;
}

namespace {

void put_votes(connection& c, const checked_delta& delta, const std::string& time) {
  query(c, "DELETE FROM hive_routing WHERE node_id = ?", delta.node_id).run();
  for (const auto& s : delta.scores)
    query(
        c,
        "INSERT OR REPLACE INTO hive_routing (task_type, tool_name, node_id, success_rate, "
        "avg_time_s, sample_count, weight, time, kept_rate, gain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?)",
        s.task_type, s.tool_name, delta.node_id, s.success_rate, s.avg_time_s,
        static_cast<std::int64_t>(s.sample_count), vote_weight(s.sample_count), time, s.kept_rate,
        s.gain)
        .run();
}

void put_recipes(connection& c, const checked_delta& delta) {
  for (const auto& r : delta.recipes) {
    const auto changes = stored(r.changes);
    query(c,
          "INSERT OR IGNORE INTO received_recipes (node_id, session_id, iteration, experiment_id, "
          "metric_name, before, after, hypothesis, target_file, changes, time) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          delta.node_id, r.session_id, r.iteration, r.experiment_id, r.metric_name, r.before,
          r.after, r.hypothesis, r.target_file, changes, r.time)
        .run();
  }
  query(c,
        "DELETE FROM received_recipes WHERE node_id = ?1 AND id NOT IN (SELECT id FROM "
        "received_recipes WHERE node_id = ?1 ORDER BY id DESC LIMIT ?2)",
        delta.node_id, static_cast<std::int64_t>(max_received_recipes))
      .run();
}

}  // namespace

bool accept(connection& c, const checked_delta& delta, std::int64_t now_ms) {
  query(c,
        "UPDATE peers SET last_sequence = ?1, last_digest = ?2, accepted = accepted + 1, "
        "last_seen_ms = max(last_seen_ms, ?3) WHERE node_id = ?4 AND last_sequence < ?1",
        delta.sequence, delta.digest, now_ms, delta.node_id)
      .run();
  if (c.changes() == 0) return false;
  const auto time = rfc3339(now_ms);
  const auto body = stored(delta.body);
  query(c, "INSERT INTO received (node_id, sequence, received_ms, body) VALUES (?, ?, ?, ?)",
        delta.node_id, delta.sequence, now_ms, body)
      .run();
  query(c,
        "DELETE FROM received WHERE node_id = ?1 AND id NOT IN (SELECT id FROM received "
        "WHERE node_id = ?1 ORDER BY id DESC LIMIT ?2)",
        delta.node_id, static_cast<std::int64_t>(max_received_deltas))
      .run();
  put_votes(c, delta, time);
  put_recipes(c, delta);
  return true;
}

std::vector<received_recipe> received_recipes(connection& c, std::size_t limit) {
  std::vector<received_recipe> found;
  query q(c,
          "SELECT r.session_id, r.experiment_id, r.iteration, r.metric_name, r.before, r.after, "
          "r.hypothesis, r.target_file, r.changes, r.time, r.node_id FROM received_recipes r "
          "JOIN peers_in_use p ON p.node_id = r.node_id ORDER BY r.id DESC LIMIT ?",
          static_cast<std::int64_t>(limit));
  while (q.next())
    found.push_back(
        {q.text(10),
         {q.text(0), q.text(1), static_cast<int>(q.integer(2)), q.text(3), q.optional_real(4),
          q.optional_real(5), q.text(6), q.text(7), json::parse(q.text(8)), q.text(9)}});
  return found;
}

}  // namespace ratchet::rows
