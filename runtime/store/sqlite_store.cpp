// SPDX-License-Identifier: MIT
#include "runtime/store/sqlite_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "runtime/store/open_file.hpp"
#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/state_directory.hpp"
#include "runtime/store/step_rows.hpp"
#include "runtime/store/store_failure.hpp"

namespace ratchet {

namespace fs = std::filesystem;
using sqlite::connection;
using sqlite::query;
using store::open_file;

namespace {

/// In the order of score_of; conditions and an order may follow.
#define RATCHET_SCORED_TOOLS                                                               \
  "SELECT task_type, b.tool_name, 1.0 * successes / samples AS rate, time_s / samples AS " \
  "average, samples, 1.0 * kept / measured AS kept_rate, gain / measured FROM "            \
  "benchmark_totals b LEFT JOIN candidate_totals c ON c.tool_name = b.tool_name AND "      \
  "task_type = 'autoresearch' AND measured >= 5 WHERE samples >= 5"

std::int64_t row_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
}

std::vector<event> events_in(query& q) {
  std::vector<event> found;
  while (q.next())
    found.push_back({q.integer(0), q.text(1), q.text(2), q.text(3), json::parse(q.text(4))});
  return found;
}

std::vector<std::string> bodies_in(query& q) {
  std::vector<std::string> found;
  while (q.next()) found.push_back(q.text(0));
  return found;
}

class sqlite_store final : public whole_store {
 public:
  explicit sqlite_store(std::unique_ptr<open_file> file) : file_(std::move(file)) {}

  expected<std::vector<event>> write(const step_write& step) override {
    return db_.writing("write to", step.safety, [&](connection& c) {
      if (step.session) rows::put(c, *step.session);
      for (const auto& r : step.iterations) rows::put(c, r);
      if (step.kept_recipe) rows::put(c, *step.kept_recipe);
      if (step.kept_snapshot) rows::put(c, *step.kept_snapshot);
      if (step.wish) rows::put(c, *step.wish);
      if (step.session && step.wishes_taken > 0)
        rows::take_wishes(c, step.session->session_id, step.wishes_taken);
      auto events = step.events;
      for (auto& e : events) e.seq = rows::put(c, e);
      return events;
    });
  }

  expected<std::optional<session_record>> session(const std::string& id) override {
    return db_.reading([&](connection& c) -> std::optional<session_record> {
      query q(c, "SELECT " RATCHET_SESSION_COLUMNS " FROM sessions WHERE session_id = ?", id);
      if (!q.next()) return std::nullopt;
      return rows::session_of(q);
    });
  }

  expected<std::vector<session_record>> sessions(const std::vector<std::string>& statuses,
                                                 std::size_t limit) override {
    return db_.reading([&](connection& c) {
      std::vector<session_record> found;
      if (statuses.empty()) {
        query q(c,
                "SELECT " RATCHET_SESSION_COLUMNS
                " FROM sessions ORDER BY created_ms DESC, rowid DESC LIMIT ?",
                row_limit(limit));
        while (q.next()) found.push_back(rows::session_of(q));
        return found;
      }
      const auto wanted = rows::stored(statuses);
      query q(c,
              "SELECT " RATCHET_SESSION_COLUMNS
              " FROM sessions WHERE status IN (SELECT value FROM json_each(?)) "
              "ORDER BY created_ms DESC, rowid DESC LIMIT ?",
              wanted, row_limit(limit));
      while (q.next()) found.push_back(rows::session_of(q));
      return found;
    });
  }

  expected<std::vector<session_wish>> wishes(const std::string& id) override {
    return db_.reading([&](connection& c) {
      std::vector<session_wish> found;
      query q(c, "SELECT id, wish, time FROM wishes WHERE session_id = ? ORDER BY id", id);
      while (q.next())
        found.push_back({q.integer(0), json::parse(q.text(1)).get<steer_session>(), q.text(2)});
      return found;
    });
  }

  expected<std::vector<std::string>> experiment_lessons(const std::string& experiment_id,
                                                        const std::string& but_session) override {
    constexpr std::size_t most = 10;
    return db_.reading([&](connection& c) {
      std::vector<std::string> found;
      query q(c,
              "SELECT lesson.value ->> '$.text' FROM sessions, "
              "json_each(sessions.state, '$.lessons') AS lesson "
              "WHERE settings ->> '$.experiment_id' = ? AND session_id <> ? "
              "ORDER BY created_ms DESC, sessions.rowid DESC, lesson.key",
              experiment_id, but_session);
      while (found.size() < most && q.next())
        if (auto text = q.text(0); std::find(found.begin(), found.end(), text) == found.end())
          found.push_back(std::move(text));
      return found;
    });
  }

  expected<std::vector<session_record>> interrupted_sessions() override {
    return db_.reading([&](connection& c) {
      std::vector<session_record> found;
      // Each half has an index of its own.
      query q(c, "SELECT " RATCHET_SESSION_COLUMNS
                 " FROM sessions WHERE in_step = 1 AND status = 'running' UNION ALL "
                 "SELECT " RATCHET_SESSION_COLUMNS
                 " FROM sessions WHERE in_step = 1 AND status <> 'running' ORDER BY 1");
      while (q.next()) found.push_back(rows::session_of(q));
      return found;
    });
  }

  expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) override {
    return db_.reading([&](connection& c) {
      query q(c,
              "SELECT seq, topic, session_id, time, payload FROM events WHERE seq > ? "
              "ORDER BY seq LIMIT ?",
              seq, row_limit(limit));
      return events_in(q);
    });
  }

  expected<std::map<std::string, std::int64_t>> sessions_by_status() override {
    return db_.reading([&](connection& c) {
      std::map<std::string, std::int64_t> counts;
      query q(c, "SELECT status, count(*) FROM sessions GROUP BY status");
      while (q.next()) counts[q.text(0)] = q.integer(1);
      return counts;
    });
  }

  expected<std::vector<event>> session_events(const std::string& session_id, std::int64_t seq,
                                              std::size_t limit) override {
    return db_.reading([&](connection& c) {
      query q(c,
              "SELECT seq, topic, session_id, time, payload FROM events "
              "WHERE seq > ? AND session_id = ? ORDER BY seq LIMIT ?",
              seq, session_id, row_limit(limit));
      return events_in(q);
    });
  }

  expected<std::int64_t> last_seq() override {
    // Not max(seq): the number given last stays the last when old events are deleted.
    return db_.reading([&](connection& c) {
      return c.integer("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
    });
  }

  expected<std::vector<iteration_record>> iterations(const std::string& session_id,
                                                     std::size_t last) override {
    auto bodies = db_.reading([&](connection& c) {
      query q(c, "SELECT body FROM results WHERE session_id = ? ORDER BY iteration DESC LIMIT ?",
              session_id, last > 0 ? row_limit(last) : std::int64_t{-1});
      return bodies_in(q);
    });
    if (!bodies) return bodies.error();
    std::reverse(bodies->begin(), bodies->end());
    return parsed(*bodies);
  }

  expected<std::vector<iteration_record>> iterations_from(const std::string& session_id, int first,
                                                          std::size_t limit) override {
    auto bodies = db_.reading([&](connection& c) {
      query q(c,
              "SELECT body FROM results WHERE session_id = ? AND iteration >= ? "
              "ORDER BY iteration LIMIT ?",
              session_id, first, row_limit(limit));
      return bodies_in(q);
    });
    if (!bodies) return bodies.error();
    return parsed(*bodies);
  }

  expected<std::optional<iteration_record>> iteration(const std::string& session_id,
                                                      int iteration) override {
    return db_.reading([&](connection& c) -> std::optional<iteration_record> {
      query q(c, "SELECT body FROM results WHERE session_id = ? AND iteration = ?", session_id,
              iteration);
      if (!q.next()) return std::nullopt;
      return json::parse(q.text(0)).get<iteration_record>();
    });
  }

  expected<std::optional<iteration_record>> tried_as(const std::string& session_id,
                                                     const std::string& tree) override {
    return db_.reading([&](connection& c) -> std::optional<iteration_record> {
      query q(c,
              "SELECT body FROM results WHERE session_id = ? AND tree = ? AND tree <> '' "
              "ORDER BY iteration DESC LIMIT 1",
              session_id, tree);
      if (!q.next()) return std::nullopt;
      return json::parse(q.text(0)).get<iteration_record>();
    });
  }

  expected<> record_benchmark(const benchmark_row& row) override {
    if (!std::isfinite(row.completion_time_s) || row.completion_time_s < 0)
      return fail(errc::invalid_argument,
                  "Cannot record a benchmark of \"" + row.tool_name +
                      "\": completion_time_s must be a finite number ≥ 0",
                  json{{"field", "completion_time_s"}});
    auto done = db_.writing("record a benchmark in", durability::process, [&](connection& c) {
      rows::put(c, row);
      return true;
    });
    if (!done) return done.error();
    return {};
  }

  expected<std::optional<tool_score>> best_tool(const std::string& task_type) override {
    return db_.reading([&](connection& c) -> std::optional<tool_score> {
      query q(c,
              RATCHET_SCORED_TOOLS
              " AND task_type = ? ORDER BY rate DESC, kept_rate DESC, average, b.tool_name LIMIT 1",
              task_type);
      if (!q.next()) return std::nullopt;
      return score_of(q);
    });
  }

  expected<std::vector<tool_score>> tool_scores() override {
    return db_.reading([&](connection& c) {
      std::vector<tool_score> found;
      query q(c, RATCHET_SCORED_TOOLS
              " ORDER BY task_type, rate DESC, kept_rate DESC, average, b.tool_name");
      while (q.next()) found.push_back(score_of(q));
      return found;
    });
  }

  expected<std::vector<model_score>> model_scores(const std::string& tool_name) override {
    return db_.reading([&](connection& c) {
      std::vector<model_score> found;
      query q(c,
              "SELECT model_name, avg(success) AS rate, avg(completion_time_s) AS average, "
              "count(*) AS samples FROM (SELECT model_name, success, completion_time_s FROM "
              "benchmarks WHERE task_type = 'autoresearch' AND tool_name = ? AND model_name <> '' "
              "ORDER BY timestamp DESC LIMIT 2000) GROUP BY model_name HAVING samples >= 5 "
              "ORDER BY rate DESC, average, model_name",
              tool_name);
      while (q.next()) found.push_back({q.text(0), q.real(1), q.real(2), q.integer(3)});
      return found;
    });
  }

  expected<std::vector<recipe>> recipes(std::size_t limit) override {
    return db_.reading([&](connection& c) {
      std::vector<recipe> found;
      query q(c,
              "SELECT session_id, experiment_id, iteration, metric_name, before, after, "
              "hypothesis, target_file, changes, time FROM recipes ORDER BY id DESC LIMIT ?",
              row_limit(limit));
      while (q.next())
        found.push_back({q.text(0), q.text(1), static_cast<int>(q.integer(2)), q.text(3),
                         q.optional_real(4), q.optional_real(5), q.text(6), q.text(7),
                         json::parse(q.text(8)), q.text(9)});
      return found;
    });
  }

  expected<std::optional<snapshot>> latest_snapshot(const std::string& experiment_key) override {
    return db_.reading([&](connection& c) -> std::optional<snapshot> {
      query q(c,
              "SELECT experiment_key, session_id, iteration, \"commit\", metrics, time "
              "FROM snapshots WHERE experiment_key = ? ORDER BY id DESC LIMIT 1",
              experiment_key);
      if (!q.next()) return std::nullopt;
      return snapshot{q.text(0),
                      q.text(1),
                      static_cast<int>(q.integer(2)),
                      q.text(3),
                      json::parse(q.text(4)).get<std::map<std::string, double>>(),
                      q.text(5)};
    });
  }

 private:
  /// Without the lock: 10,000 bodies take a while, and others want to read.
  expected<std::vector<iteration_record>> parsed(const std::vector<std::string>& bodies) {
    return db_.guarded("read from", [&] {
      std::vector<iteration_record> found;
      found.reserve(bodies.size());
      for (const auto& body : bodies) found.push_back(json::parse(body).get<iteration_record>());
      return found;
    });
  }
  static tool_score score_of(const query& q) {
    return {q.text(0),    q.text(1),          q.real(2),         q.real(3),
            q.integer(4), q.optional_real(5), q.optional_real(6)};
  }

  std::unique_ptr<open_file> file_;
  open_file& db_ = *file_;
};

/// SQLite answers "busy" at once, without waiting, when two connections switch a new file to the
/// write-ahead log together.
void use_write_ahead_log(connection& c) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    try {
      if (c.text("PRAGMA journal_mode = WAL") == "wal") return;
      throw sqlite::error{SQLITE_CANTOPEN,
                          "this file system does not offer the shared memory that a "
                          "write-ahead log needs"};
    } catch (const sqlite::error& e) {
      if (e.primary() != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

}  // namespace

namespace store {

expected<std::unique_ptr<open_file>> open_prepared(const fs::path& state_directory) {
  if (auto made = make_directory(state_directory); !made) return made.error();
  const auto file = state_directory / "ratchet.db";
  try {
    auto c = std::make_unique<connection>(file);
    if (c->read_only())
      throw sqlite::error{SQLITE_READONLY, "the file can be read and not written"};
    schema::migrate(*c);
    use_write_ahead_log(*c);
    return std::make_unique<open_file>(file, std::move(c));
  } catch (const schema::refusal& r) {
    return fail(errc::store_failed, "Cannot open the store: " + file.string() + " " + r.text,
                json{{"file", file.string()}});
  } catch (const sqlite::error& e) {
    return store_failure("open the store", file, e);
  } catch (const std::exception& e) {
    return fail(errc::store_failed,
                "Cannot open the store " + file.string() + ": " + e.what() + ".",
                json{{"file", file.string()}});
  }
}

}  // namespace store

expected<std::shared_ptr<whole_store>> open_store(const fs::path& state_directory) {
  auto file = store::open_prepared(state_directory);
  if (!file) return file.error();
  return std::shared_ptr<whole_store>(std::make_shared<sqlite_store>(std::move(*file)));
}

}  // namespace ratchet
