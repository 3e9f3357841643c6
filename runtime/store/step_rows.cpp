// SPDX-License-Identifier: MIT
#include "runtime/store/step_rows.hpp"

#include <cmath>

namespace ratchet::rows {

namespace {

/// A number that is none is stored as null, which a map of numbers cannot be read back from.
void drop_non_finite(json& numbers) {
  for (auto it = numbers.begin(); it != numbers.end();) {
    const bool finite = it->is_number() && std::isfinite(it->get<double>());
    it = finite ? std::next(it) : numbers.erase(it);
  }
}

}  // namespace

std::string stored(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void put(sqlite::connection& c, const session_record& s) {
  const auto settings = stored(s.settings), state = stored(s.state);
  // Naming no column of an index leaves the indices alone, and most writes change none.
  sqlite::query(c,
                "UPDATE sessions SET in_step = ?, updated_ms = ?, settings = ?, state = ? "
                "WHERE session_id = ? AND status = ? AND created_ms = ?",
                s.in_step, s.updated_ms, settings, state, s.session_id, s.status, s.created_ms)
      .run();
  if (c.changes() > 0) return;
  sqlite::query(c,
                "INSERT INTO sessions (" RATCHET_SESSION_COLUMNS
                ") VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (session_id) DO UPDATE SET status = excluded.status, "
                "in_step = excluded.in_step, created_ms = excluded.created_ms, "
                "updated_ms = excluded.updated_ms, settings = excluded.settings, "
                "state = excluded.state",
                s.session_id, s.status, s.in_step, s.created_ms, s.updated_ms, settings, state)
      .run();
}

session_record session_of(const sqlite::query& row) {
  session_record s;
  s.session_id = row.text(0);
  s.status = row.text(1);
  s.in_step = row.integer(2) != 0;
  s.created_ms = row.integer(3);
  s.updated_ms = row.integer(4);
  s.settings = json::parse(row.text(5));
  s.state = json::parse(row.text(6));
  return s;
}

void put(sqlite::connection& c, const iteration_record& r) {
  json body = r;
  if (auto& result = body["result"]; result.is_object() && result.contains("guards"))
    drop_non_finite(result["guards"]);
  const auto text = stored(body);
  // The same: what run and decide add is in no index.
  sqlite::query(c,
                "UPDATE results SET decision = ?, \"commit\" = ?, time = ?, body = ? "
                "WHERE session_id = ? AND iteration = ? AND tree = ?",
                r.decision, r.commit, r.time, text, r.session_id, r.iteration, r.candidate.tree)
      .run();
  if (c.changes() > 0) return;
  sqlite::query(c,
                "INSERT INTO results (session_id, iteration, decision, tree, \"commit\", time, "
                "body) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (session_id, iteration) DO UPDATE SET decision = excluded.decision, "
                "tree = excluded.tree, \"commit\" = excluded.\"commit\", time = excluded.time, "
                "body = excluded.body",
                r.session_id, r.iteration, r.decision, r.candidate.tree, r.commit, r.time, text)
      .run();
}

void put(sqlite::connection& c, const recipe& r) {
  const auto changes = stored(r.changes);
  sqlite::query(c,
                "INSERT INTO recipes (session_id, iteration, experiment_id, metric_name, before, "
                "after, hypothesis, target_file, changes, time) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (session_id, iteration) DO UPDATE SET "
                "experiment_id = excluded.experiment_id, metric_name = excluded.metric_name, "
                "before = excluded.before, after = excluded.after, "
                "hypothesis = excluded.hypothesis, target_file = excluded.target_file, "
                "changes = excluded.changes, time = excluded.time",
                r.session_id, r.iteration, r.experiment_id, r.metric_name, r.before, r.after,
                r.hypothesis, r.target_file, changes, r.time)
      .run();
}

void put(sqlite::connection& c, const snapshot& s) {
  json metrics = s.metrics;
  drop_non_finite(metrics);
  const auto text = stored(metrics);
  sqlite::query(c,
                "INSERT INTO snapshots (experiment_key, session_id, iteration, \"commit\", "
                "metrics, time) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (session_id, iteration) DO UPDATE SET "
                "experiment_key = excluded.experiment_key, \"commit\" = excluded.\"commit\", "
                "metrics = excluded.metrics, time = excluded.time",
                s.experiment_key, s.session_id, s.iteration, s.commit, text, s.time)
      .run();
}

void put(sqlite::connection& c, const session_wish& w) {
  const auto wish = stored(w.what);
  sqlite::query(c, "INSERT INTO wishes (session_id, wish, time) VALUES (?, ?, ?)",
                w.what.session_id, wish, w.time)
      .run();
}

void take_wishes(sqlite::connection& c, const std::string& session_id, std::int64_t last) {
  sqlite::query(c, "DELETE FROM wishes WHERE session_id = ? AND id <= ?", session_id, last).run();
}

std::int64_t put(sqlite::connection& c, const event& e) {
  const auto payload = stored(e.payload);
  sqlite::query(c, "INSERT INTO events (topic, session_id, time, payload) VALUES (?, ?, ?, ?)",
                e.topic, e.session_id, e.time, payload)
      .run();
  return c.last_row_id();
}

void put(sqlite::connection& c, const benchmark_row& b) {
  sqlite::query(c,
                "INSERT INTO benchmarks (task_type, tool_name, model_name, user_id, "
                "completion_time_s, success, offloaded, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                b.task_type, b.tool_name, b.model_name, b.user_id, b.completion_time_s, b.success,
                b.offloaded, b.timestamp)
      .run();
}

}  // namespace ratchet::rows
