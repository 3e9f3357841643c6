// SPDX-License-Identifier: MIT
//
// What a session asks of the journal: the lease, the stored session, what must be durable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/records.hpp"
#include "messages/settings.hpp"
#include "messages/steering.hpp"

namespace ratchet {

/// Takes the session's lease and reads it. Kept until `write_step` with `release`, or `close_step`.
struct open_step {
  std::string session_id;
  bool lease = true;   ///< false only reads
  bool fresh = false;  ///< the session is new: take the lease, there is nothing to read
  bool known = false;  ///< whoever asks has kept the lease and the session: only wishes are read

  static constexpr auto fields() {
    using o = open_step;
    return field_list{field{"session_id", &o::session_id}, field{"lease", &o::lease},
                      field{"fresh", &o::fresh}, field{"known", &o::known, presence::if_set}};
  }
};

struct opened_step {
  session_record record;
  std::optional<iteration_record> current;  ///< the row of the session's current iteration
  std::vector<iteration_record> round;      ///< the rows of the candidates side by side
  std::vector<session_wish> wishes;         ///< that no step has taken yet, oldest first

  static constexpr auto fields() {
    return field_list{field{"record", &opened_step::record},
                      field{"current", &opened_step::current},
                      field{"round", &opened_step::round, presence::if_set},
                      field{"wishes", &opened_step::wishes, presence::if_set}};
  }
};

/// Makes what a step did durable, then lets the event hub tell of it.
struct write_step {
  step_write what;
  bool release = false;  ///< gives the lease back once written

  static constexpr auto fields() {
    return field_list{field{"what", &write_step::what}, field{"release", &write_step::release}};
  }
};

/// Gives the lease back with nothing written.
struct close_step {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &close_step::session_id}};
  }
};

/// Takes the lease of a folder that no stored session needs any more, for its removal; kept until
/// `close_step`. `session_busy` when a session needs it or somebody is at work on it.
struct claim_unfinished {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &claim_unfinished::session_id}};
  }
};

/// Asks the journal for the stored sessions.
struct read_sessions {
  bool interrupted_only = false;
  std::vector<std::string> statuses;
  std::size_t limit = 10'000;

  static constexpr auto fields() {
    return field_list{field{"interrupted_only", &read_sessions::interrupted_only},
                      field{"statuses", &read_sessions::statuses},
                      field{"limit", &read_sessions::limit}};
  }
};

struct stored_sessions {
  std::vector<session_record> sessions;

  static constexpr auto fields() {
    return field_list{field{"sessions", &stored_sessions::sessions}};
  }
};

/// Writes the report, results.tsv and progress.svg of a session.
struct write_report {
  progress session;
  shared_settings settings;
  json extra;

  static constexpr auto fields() {
    return field_list{field{"session", &write_report::session},
                      field{"settings", &write_report::settings},
                      field{"extra", &write_report::extra}};
  }
};

struct report_written {
  std::string path;

  static constexpr auto fields() { return field_list{field{"path", &report_written::path}}; }
};

/// Events that are durable, for the hub to deliver.
struct recorded_events {
  std::vector<event> events;

  static constexpr auto fields() { return field_list{field{"events", &recorded_events::events}}; }
};

}  // namespace ratchet
