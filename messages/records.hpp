// SPDX-License-Identifier: MIT
//
// What the store keeps. Every record is stored as JSON text by these names; a reader takes absent
// keys as the defaults below and ignores keys it does not know.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/steering.hpp"

namespace ratchet {

/// A session as it is stored; `state` belongs to actors/logic/session_ledger.hpp.
struct session_record {
  std::string session_id;
  std::string status;  ///< pending, running, completed, failed, budget_exhausted
  json settings;
  json state;
  bool in_step = false;  ///< a step was begun and not answered
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;

  static constexpr auto fields() {
    using r = session_record;
    return field_list{field{"session_id", &r::session_id}, field{"status", &r::status},
                      field{"settings", &r::settings},     field{"state", &r::state},
                      field{"in_step", &r::in_step},       field{"created_ms", &r::created_ms},
                      field{"updated_ms", &r::updated_ms}};
  }
};

/// The full edit of a kept iteration, replayable elsewhere.
struct recipe {
  std::string session_id;
  std::string experiment_id;
  int iteration = 0;
  std::string metric_name;
  std::optional<double> before;
  std::optional<double> after;
  std::string hypothesis;
  std::string target_file;  ///< the first file that it changes
  json changes;             ///< [{path, search, replace} | {path, content|null}], UTF-8 text only
  std::string time;

  static constexpr auto fields() {
    using r = recipe;
    return field_list{
        field{"session_id", &r::session_id}, field{"experiment_id", &r::experiment_id},
        field{"iteration", &r::iteration},   field{"metric_name", &r::metric_name},
        field{"before", &r::before},         field{"after", &r::after},
        field{"hypothesis", &r::hypothesis}, field{"target_file", &r::target_file},
        field{"changes", &r::changes},       field{"time", &r::time}};
  }
};

/// All metrics of an experiment after a promotion.
struct snapshot {
  std::string experiment_key;  ///< experiment_id, else session_id
  std::string session_id;
  int iteration = 0;
  std::string commit;
  std::map<std::string, double> metrics;  ///< the session metric and every guard
  std::string time;

  static constexpr auto fields() {
    using s = snapshot;
    return field_list{field{"experiment_key", &s::experiment_key},
                      field{"session_id", &s::session_id},
                      field{"iteration", &s::iteration},
                      field{"commit", &s::commit},
                      field{"metrics", &s::metrics},
                      field{"time", &s::time}};
  }
};

/// `process` survives kill -9: enough for a mark that only recovery reads, and for the answers of
/// edit and run, which a power cut may undo. `power` is synced to the disk with all before it.
enum class durability : std::uint8_t { process, power };
template <>
struct enum_names<durability> {
  static constexpr std::array<std::pair<durability, std::string_view>, 2> value{
      {{durability::process, "process"}, {durability::power, "power"}}};
};

/// What one step writes, in one transaction.
struct step_write {
  std::optional<session_record> session;
  std::vector<iteration_record> iterations;  ///< inserted or replaced by (session, iteration)
  std::vector<event> events;                 ///< seq is given by the store
  std::optional<recipe> kept_recipe;
  std::optional<snapshot> kept_snapshot;
  std::optional<session_wish> wish;  ///< a new one; its id is given by the store
  std::int64_t wishes_taken = 0;     ///< those of the session up to this id are in its state now
  durability safety = durability::power;

  static constexpr auto fields() {
    using w = step_write;
    return field_list{field{"session", &w::session},
                      field{"iterations", &w::iterations},
                      field{"events", &w::events},
                      field{"kept_recipe", &w::kept_recipe},
                      field{"kept_snapshot", &w::kept_snapshot},
                      field{"wish", &w::wish, presence::if_set},
                      field{"wishes_taken", &w::wishes_taken, presence::if_set},
                      field{"safety", &w::safety}};
  }
};

}  // namespace ratchet
