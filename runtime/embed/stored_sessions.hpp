// SPDX-License-Identifier: MIT
//
// Sessions as the store has them, for those who only look: no actor is started and no interrupted
// session is touched.
#pragma once

#include <string>
#include <vector>

#include "actors/ports/sessions_port.hpp"
#include "messages/sessions.hpp"

namespace ratchet {

/// `unknown_session` when there is none; `invalid_argument` when the id is none.
expected<progress> stored_progress(sessions_port& stored, const std::string& session_id);

/// Those that are not finished, newest first.
expected<std::vector<progress>> open_sessions(sessions_port& stored);

/// Newest first.
expected<std::vector<progress>> all_stored(sessions_port& stored, std::size_t limit);

}  // namespace ratchet
