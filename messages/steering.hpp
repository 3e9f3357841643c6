// SPDX-License-Identifier: MIT
//
// What a user says to a search that runs: new instructions, a pause. It waits in the store until
// the session's next step is opened, whichever process takes that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "messages/json.hpp"

namespace ratchet {

/// `autoresearch_steer`. At least one of the two is given.
struct steer_session {
  std::string session_id;
  std::optional<std::string> instructions;  ///< in place of those so far; "" for none
  std::optional<bool> pause;                ///< true: no further edit; false: go on

  static constexpr auto fields() {
    using s = steer_session;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"session_id", &s::session_id},
                      field{"instructions", &s::instructions, if_set},
                      field{"pause", &s::pause, if_set}};
  }
};

/// How the session will be from its next edit on.
struct steer_answer {
  std::string session_id;
  std::string instructions;
  bool paused = false;
  std::string instruction;

  static constexpr auto fields() {
    using s = steer_answer;
    return field_list{field{"session_id", &s::session_id}, field{"instructions", &s::instructions},
                      field{"paused", &s::paused}, field{"instruction", &s::instruction}};
  }
};

/// As it is stored.
struct session_wish {
  std::int64_t id = 0;  ///< given by the store, ascending
  steer_session what;
  std::string time;  ///< RFC 3339

  static constexpr auto fields() {
    using w = session_wish;
    return field_list{field{"id", &w::id}, field{"what", &w::what}, field{"time", &w::time}};
  }
};

/// Instructions that came while the search ran.
struct steering {
  int iteration = 0;  ///< after which they came
  std::string text;   ///< its first 2,000 bytes
  std::string time;   ///< RFC 3339

  static constexpr auto fields() {
    using s = steering;
    return field_list{field{"iteration", &s::iteration}, field{"text", &s::text},
                      field{"time", &s::time}};
  }
};

}  // namespace ratchet
