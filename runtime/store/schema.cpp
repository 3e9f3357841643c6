// SPDX-License-Identifier: MIT
#include "runtime/store/schema.hpp"

#include <array>

namespace ratchet::schema {

namespace {

constexpr const char* version_1 = R"sql(
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  status     TEXT NOT NULL,
  in_step    INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  settings   TEXT NOT NULL,
  state      TEXT NOT NULL
);
CREATE INDEX sessions_by_age ON sessions (created_ms);
CREATE INDEX sessions_by_status ON sessions (status, created_ms);
CREATE INDEX sessions_in_step ON sessions (session_id) WHERE in_step = 1;

-- With a rowid, because bodies are large: without one they would sit in the inner nodes of the tree.
CREATE TABLE results (
  session_id TEXT NOT NULL,
  iteration  INTEGER NOT NULL,
  decision   TEXT NOT NULL,
  tree       TEXT NOT NULL,
  "commit"   TEXT NOT NULL,
  time       TEXT NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (session_id, iteration)
);
CREATE INDEX results_by_tree ON results (session_id, tree) WHERE tree <> '';

CREATE TABLE events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  topic      TEXT NOT NULL,
  session_id TEXT NOT NULL,
  time       TEXT NOT NULL,
  payload    TEXT NOT NULL
);

CREATE TABLE benchmarks (
  task_type         TEXT NOT NULL,
  tool_name         TEXT NOT NULL,
  model_name        TEXT NOT NULL,
  user_id           TEXT NOT NULL,
  completion_time_s REAL NOT NULL,
  success           INTEGER NOT NULL,
  offloaded         INTEGER NOT NULL,
  timestamp         REAL NOT NULL
);
CREATE INDEX benchmarks_by_tool ON benchmarks (task_type, tool_name, timestamp);

CREATE TABLE benchmark_totals (
  task_type TEXT NOT NULL,
  tool_name TEXT NOT NULL,
  samples   INTEGER NOT NULL,
  successes INTEGER NOT NULL,
  time_s    REAL NOT NULL,
  PRIMARY KEY (task_type, tool_name)
) WITHOUT ROWID;
CREATE TRIGGER benchmarks_are_totalled AFTER INSERT ON benchmarks BEGIN
  INSERT INTO benchmark_totals
    VALUES (new.task_type, new.tool_name, 1, new.success, new.completion_time_s)
    ON CONFLICT (task_type, tool_name) DO UPDATE SET
      samples = samples + 1, successes = successes + excluded.successes,
      time_s = time_s + excluded.time_s;
END;

CREATE TABLE hive_routing (
  task_type    TEXT NOT NULL,
  tool_name    TEXT NOT NULL,
  node_id      TEXT NOT NULL,
  success_rate REAL NOT NULL,
  avg_time_s   REAL NOT NULL,
  sample_count INTEGER NOT NULL,
  weight       REAL NOT NULL,
  time         TEXT NOT NULL,
  PRIMARY KEY (task_type, tool_name, node_id)
) WITHOUT ROWID;

CREATE TABLE recipes (
  id            INTEGER PRIMARY KEY,
  session_id    TEXT NOT NULL,
  iteration     INTEGER NOT NULL,
  experiment_id TEXT NOT NULL,
  metric_name   TEXT NOT NULL,
  before        REAL,
  after         REAL,
  hypothesis    TEXT NOT NULL,
  target_file   TEXT NOT NULL,
  changes       TEXT NOT NULL,
  time          TEXT NOT NULL,
  UNIQUE (session_id, iteration)
);

CREATE TABLE snapshots (
  id             INTEGER PRIMARY KEY,
  experiment_key TEXT NOT NULL,
  session_id     TEXT NOT NULL,
  iteration      INTEGER NOT NULL,
  "commit"       TEXT NOT NULL,
  metrics        TEXT NOT NULL,
  time           TEXT NOT NULL,
  UNIQUE (session_id, iteration)
);
CREATE INDEX snapshots_by_experiment ON snapshots (experiment_key, id);

CREATE TABLE peers (
  node_id       TEXT PRIMARY KEY,
  address       TEXT NOT NULL,
  public_key    TEXT NOT NULL,
  last_sequence INTEGER NOT NULL,
  time          TEXT NOT NULL
);

CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL,
  delta      TEXT NOT NULL,
  time       TEXT NOT NULL
);
)sql";

// A delta that is put into the outbox is addressed by a trigger, so that whoever puts it there need
// not know of peers, and no crash comes between the two.
constexpr const char* version_2 = R"sql(
ALTER TABLE peers ADD COLUMN name            TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN learned         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN introduced_by   TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN last_digest     TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN last_seen_ms    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN accepted        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN refused         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN last_refusal    TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN last_refusal_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN delivered       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN rejected        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN last_rejection  TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN failures        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN next_attempt_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peers ADD COLUMN last_error      TEXT NOT NULL DEFAULT '';

CREATE TABLE removed_peers (
  node_id TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE federation_settings (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE VIEW peers_in_use AS
  SELECT * FROM peers WHERE learned = 0
    OR EXISTS (SELECT 1 FROM federation_settings WHERE name = 'exchange' AND value = 1);

ALTER TABLE outbox ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_unsettled ON outbox (id) WHERE settled = 0;

CREATE TABLE deliveries (
  outbox_id INTEGER NOT NULL,
  node_id   TEXT NOT NULL,
  outcome   TEXT NOT NULL,
  reason    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (outbox_id, node_id)
) WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (node_id, outbox_id) WHERE outcome = 'pending';

CREATE TRIGGER outbox_is_addressed AFTER INSERT ON outbox BEGIN
  INSERT INTO deliveries (outbox_id, node_id, outcome)
    SELECT new.id, node_id, 'pending' FROM peers_in_use WHERE address <> '';
  DELETE FROM deliveries WHERE outbox_id <= new.id - 1000;
  DELETE FROM outbox WHERE id <= new.id - 1000;
END;

CREATE TABLE received (
  id          INTEGER PRIMARY KEY,
  node_id     TEXT NOT NULL,
  sequence    INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  body        TEXT NOT NULL
);
CREATE INDEX received_by_node ON received (node_id, received_ms);

CREATE TABLE received_recipes (
  id            INTEGER PRIMARY KEY,
  node_id       TEXT NOT NULL,
  session_id    TEXT NOT NULL,
  iteration     INTEGER NOT NULL,
  experiment_id TEXT NOT NULL,
  metric_name   TEXT NOT NULL,
  before        REAL,
  after         REAL,
  hypothesis    TEXT NOT NULL,
  target_file   TEXT NOT NULL,
  changes       TEXT NOT NULL,
  time          TEXT NOT NULL,
  UNIQUE (node_id, session_id, iteration)
);
)sql";

// A running session is in and out of its steps all the time, and is found by its status: only of
// the others does an index say which are at work.
constexpr const char* version_3 = R"sql(
DROP INDEX sessions_in_step;
CREATE INDEX sessions_ending ON sessions (session_id) WHERE in_step = 1 AND status <> 'running';
)sql";

// What users say to a search until its next step takes it. Ids are never used again: a step deletes
// up to the last one that it has read.
constexpr const char* version_4 = R"sql(
CREATE TABLE wishes (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL,
  wish       TEXT NOT NULL,
  time       TEXT NOT NULL
);
CREATE INDEX wishes_by_session ON wishes (session_id, id);
)sql";

// How often what a backend wrote was kept, and what it gained: counted as a candidate is decided,
// by whoever decides it. (That it could be measured at all says next to nothing of a backend.)
constexpr const char* version_5 = R"sql(
CREATE TABLE candidate_totals (
  tool_name TEXT PRIMARY KEY,
  measured  INTEGER NOT NULL,
  kept      INTEGER NOT NULL,
  gain      REAL NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER decided_candidates_are_totalled AFTER UPDATE OF decision ON results
  WHEN old.decision = '' AND new.decision <> '' AND new.iteration > 0
    AND json_extract(new.body, '$.result.metric_value') IS NOT NULL
    AND json_extract(new.body, '$.candidate.backend') <> ''
BEGIN
  INSERT INTO candidate_totals
    SELECT tool, 1, kept, CASE WHEN kept AND best <> 0
                               THEN min(abs(metric - best) / abs(best), 1e6) ELSE 0 END
    FROM (SELECT json_extract(new.body, '$.candidate.backend') AS tool,
                 new.decision = 'kept' AS kept,
                 json_extract(new.body, '$.result.metric_value') AS metric,
                 json_extract(new.body, '$.result.best_metric') AS best)
    WHERE true
    ON CONFLICT (tool_name) DO UPDATE SET measured = measured + 1, kept = kept + excluded.kept,
                                          gain = gain + excluded.gain;
END;

ALTER TABLE hive_routing ADD COLUMN kept_rate REAL;
ALTER TABLE hive_routing ADD COLUMN gain      REAL;
)sql";

constexpr std::array migrations{version_1, version_2, version_3, version_4, version_5};

bool is_current(sqlite::connection& c) {
  return c.integer("PRAGMA application_id") == application_id &&
         c.integer("PRAGMA user_version") == version();
}

void refuse_foreign(sqlite::connection& c) {
  const auto id = c.integer("PRAGMA application_id");
  const auto found = c.integer("PRAGMA user_version");
  if (id == application_id && found > version())
    throw refusal{"was written by a newer Ratchet (layout " + std::to_string(found) +
                  ", this one knows " + std::to_string(version()) +
                  "). Use that version, or another --state-dir."};
  if (id == application_id) return;
  if (id != 0 || c.integer("SELECT count(*) FROM sqlite_master") > 0)
    throw refusal{
        "is a SQLite database of another program. Move it away, or use another --state-dir."};
}

}  // namespace

int version() { return static_cast<int>(migrations.size()); }

void migrate(sqlite::connection& c, int to) {
  if (is_current(c)) return;
  // All that follows under the lock: another process may be creating the same file.
  sqlite::transaction t(c);
  refuse_foreign(c);
  for (auto next = c.integer("PRAGMA user_version"); next < to; ++next)
    c.execute(migrations[static_cast<std::size_t>(next)]);
  c.execute("PRAGMA application_id = " + std::to_string(application_id));
  c.execute("PRAGMA user_version = " + std::to_string(to));
  t.commit();
}

}  // namespace ratchet::schema
