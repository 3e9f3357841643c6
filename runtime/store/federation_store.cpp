// SPDX-License-Identifier: MIT
#include "runtime/store/federation_store.hpp"

#include "runtime/store/open_file.hpp"
#include "runtime/store/peer_rows.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/store/step_rows.hpp"

namespace ratchet {

using sqlite::connection;
using sqlite::query;

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

expected<> without_value(const expected<bool>& done) {
  if (!done) return done.error();
  return {};
}

class federation_store final : public federation_port {
 public:
  explicit federation_store(std::unique_ptr<store::open_file> file) : file_(std::move(file)) {}

  expected<federation_settings> settings() override {
    return db_.reading([](connection& c) {
      federation_settings s;
      query q(c, "SELECT name FROM federation_settings WHERE value = 1");
      while (q.next()) {
        if (q.text(0) == "exchange") s.exchange = true;
        if (q.text(0) == "share_recipes") s.share_recipes = true;
      }
      return s;
    });
  }

  expected<> set(const federation_settings& s) override {
    return without_value(db_.writing("note settings in", durability::power, [&](connection& c) {
      query(c, "INSERT OR REPLACE INTO federation_settings VALUES ('exchange', ?)", s.exchange)
          .run();
      query(c, "INSERT OR REPLACE INTO federation_settings VALUES ('share_recipes', ?)",
            s.share_recipes)
          .run();
      return true;
    }));
  }

  // -- peers -------------------------------------------------------------------------------------

  expected<std::vector<peer_record>> peers() override {
    return db_.reading([](connection& c) {
      std::vector<peer_record> found;
      query q(c, RATCHET_SELECT_PEERS " ORDER BY learned, time, node_id");
      while (q.next()) found.push_back(rows::peer_of(q));
      return found;
    });
  }

  expected<std::optional<peer_record>> peer(const std::string& node_id) override {
    return db_.reading([&](connection& c) -> std::optional<peer_record> {
      query q(c, RATCHET_SELECT_PEERS " WHERE p.node_id = ?", node_id);
      if (!q.next()) return std::nullopt;
      return rows::peer_of(q);
    });
  }

  expected<> add_peer(const std::string& node_id, const std::string& address,
                      const std::string& name, std::int64_t now_ms) override {
    return without_value(db_.writing("note a peer in", durability::power, [&](connection& c) {
      rows::put_peer(c, node_id, address, name, now_ms);
      if (!address.empty()) rows::address_newest(c, node_id);
      return true;
    }));
  }

  expected<bool> forgive_sequence(const std::string& node_id) override {
    return db_.writing("note a peer in", durability::power, [&](connection& c) {
      query(c, "UPDATE peers SET last_sequence = 0, last_digest = '' WHERE node_id = ?", node_id)
          .run();
      return c.changes() > 0;
    });
  }

  expected<bool> remove_peer(const std::string& node_id) override {
    return db_.writing("remove a peer from", durability::power,
                       [&](connection& c) { return rows::remove_peer(c, node_id); });
  }

  expected<> introduce(const std::vector<peer_introduction>& news, const std::string& introduced_by,
                       std::int64_t now_ms) override {
    return without_value(db_.writing("note peers in", durability::process, [&](connection& c) {
      for (const auto& p : news) rows::introduce(c, p, introduced_by, now_ms);
      return true;
    }));
  }

  // -- sending -----------------------------------------------------------------------------------

  expected<std::int64_t> add_to_outbox(const std::string& session_id, const json& delta,
                                       const std::string& time) override {
    return db_.writing("add to the outbox of", durability::power, [&](connection& c) {
      const auto text = rows::stored(delta);
      query(c, "INSERT INTO outbox (session_id, delta, time) VALUES (?, ?, ?)", session_id, text,
            time)
          .run();
      return c.last_row_id();
    });
  }

  // Ids count from 1, one a session: no node has told as many deltas as there are milliseconds.
  expected<std::int64_t> renumber(std::int64_t now_ms) override {
    return db_.writing("number the outbox of", durability::power, [&](connection& c) {
      query(c, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'outbox'", now_ms).run();
      if (c.changes() == 0)
        query(c, "INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", now_ms).run();
      return c.integer("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
    });
  }

  expected<std::vector<outbox_entry>> pending(const std::string& node_id,
                                              std::size_t limit) override {
    return db_.reading([&](connection& c) {
      std::vector<outbox_entry> found;
      query q(c,
              "SELECT o.id, o.session_id, o.delta, o.time FROM deliveries d JOIN outbox o "
              "ON o.id = d.outbox_id WHERE d.node_id = ? AND d.outcome = 'pending' "
              "ORDER BY d.outbox_id LIMIT ?",
              node_id, static_cast<std::int64_t>(limit));
      while (q.next())
        found.push_back({q.integer(0), q.text(1), json::parse(q.text(2)), q.text(3)});
      return found;
    });
  }

  expected<> delivered(const std::string& node_id, std::int64_t sequence,
                       const std::string& rejection, std::int64_t now_ms) override {
    const char* outcome = rejection.empty() ? "accepted" : "refused";
    return without_value(db_.writing("note a delivery in", durability::process, [&](connection& c) {
      query(c,
            "UPDATE deliveries SET outcome = ?, reason = ? WHERE outbox_id = ? AND node_id = ? "
            "AND outcome = 'pending'",
            outcome, rejection, sequence, node_id)
          .run();
      if (c.changes() == 0) return false;  // noted before
      query(c,
            "UPDATE peers SET failures = 0, next_attempt_ms = 0, last_error = '', "
            "last_seen_ms = max(last_seen_ms, ?1), delivered = delivered + (?2 = ''), "
            "rejected = rejected + (?2 <> ''), "
            "last_rejection = CASE WHEN ?2 = '' THEN last_rejection ELSE ?2 END "
            "WHERE node_id = ?3",
            now_ms, rejection, node_id)
          .run();
      return true;
    }));
  }

  expected<> unreached(const std::string& node_id, const std::string& error, int failures,
                       std::int64_t next_attempt_ms) override {
    return without_value(db_.writing("note a delivery in", durability::process, [&](connection& c) {
      query(c,
            "UPDATE peers SET last_error = ?, failures = ?, next_attempt_ms = ? "
            "WHERE node_id = ?",
            error, failures, next_attempt_ms, node_id)
          .run();
      return true;
    }));
  }

  expected<> settle() override {
    auto open = db_.reading([](connection& c) { return rows::answered(c); });
    if (!open) return open.error();
    if (open->empty()) return {};  // most looks end here, without the writer's lock
    return without_value(db_.writing("note deliveries in", durability::process,
                                     [](connection& c) { return rows::settle(c); }));
  }

  // -- receiving ---------------------------------------------------------------------------------

  expected<std::optional<delta_sender>> sender(const std::string& node_id,
                                               std::int64_t now_ms) override {
    return db_.reading([&](connection& c) -> std::optional<delta_sender> {
      query q(c,
              "SELECT last_sequence, last_digest, (SELECT count(*) FROM received r "
              "WHERE r.node_id = p.node_id AND r.received_ms > ?) FROM peers_in_use p "
              "WHERE p.node_id = ?",
              now_ms - hour_ms, node_id);
      if (!q.next()) return std::nullopt;
      return delta_sender{q.integer(0), q.text(1), static_cast<int>(q.integer(2))};
    });
  }

  expected<bool> accept(const checked_delta& delta, std::int64_t now_ms) override {
    return db_.writing("take a delta into", durability::power,
                       [&](connection& c) { return rows::accept(c, delta, now_ms); });
  }

  expected<> refuse(const std::string& node_id, const delta_refusal& why,
                    std::int64_t now_ms) override {
    return without_value(db_.writing("note a refusal in", durability::process, [&](connection& c) {
      const auto text = rows::stored_text(why.reason + ": " + why.text);
      query(c,
            "UPDATE peers SET refused = refused + 1, last_refusal = ?1, last_refusal_ms = ?2, "
            "last_seen_ms = max(last_seen_ms, ?2) WHERE node_id = ?3",
            text, now_ms, node_id)
          .run();
      return true;
    }));
  }

  expected<> seen(const std::string& node_id, std::int64_t now_ms) override {
    return without_value(db_.writing("note a peer in", durability::process, [&](connection& c) {
      query(c, "UPDATE peers SET last_seen_ms = max(last_seen_ms, ?) WHERE node_id = ?", now_ms,
            node_id)
          .run();
      return true;
    }));
  }

  // -- what was learned --------------------------------------------------------------------------

  expected<std::vector<hive_vote>> votes(const std::string& task_type) override {
    return db_.reading([&](connection& c) {
      std::vector<hive_vote> found;
      query q(c,
              "SELECT h.node_id, h.task_type, h.tool_name, h.success_rate, h.avg_time_s, "
              "h.sample_count, h.kept_rate, h.gain FROM hive_routing h JOIN peers_in_use p ON "
              "p.node_id = h.node_id "
              "WHERE h.task_type = ?",
              task_type);
      while (q.next())
        found.push_back({q.text(0),
                         {q.text(1), q.text(2), q.real(3), q.real(4), q.integer(5),
                          q.optional_real(6), q.optional_real(7)}});
      return found;
    });
  }

  expected<std::vector<received_recipe>> received_recipes(std::size_t limit) override {
    return db_.reading([&](connection& c) { return rows::received_recipes(c, limit); });
  }

 private:
  std::unique_ptr<store::open_file> file_;
  store::open_file& db_ = *file_;
};

}  // namespace

expected<std::shared_ptr<federation_port>> open_federation(
    const std::filesystem::path& state_directory) {
  auto file = store::open_prepared(state_directory);
  if (!file) return file.error();
  return std::shared_ptr<federation_port>(std::make_shared<federation_store>(std::move(*file)));
}

expected<opened_stores> open_stores(const std::filesystem::path& state_directory) {
  auto own = open_store(state_directory);
  if (!own) return own.error();
  return opened_stores{*own, std::make_shared<federation_store>(std::make_unique<store::open_file>(
                                 state_directory / "ratchet.db"))};
}

}  // namespace ratchet
