// SPDX-License-Identifier: MIT
//
// Sessions as the store has them, for those who only look: no actor is started and no interrupted
// session is touched.
#pragma once

#include <string>
#include <vector>

#include "actors/ports/store_port.hpp"
#include "messages/sessions.hpp"

namespace ratchet {

/// `unknown_session` when there is none; `invalid_argument` when the id is none.
expected<progress> stored_progress(store_port& store, const std::string& session_id);

/// Those that are not finished, newest first.
expected<std::vector<progress>> open_sessions(store_port& store);

/// Newest first.
expected<std::vector<progress>> all_stored(store_port& store, std::size_t limit);

}  // namespace ratchet
