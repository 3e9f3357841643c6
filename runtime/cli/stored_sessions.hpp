// SPDX-License-Identifier: MIT
//
// Sessions as the store has them, for the commands that only look: no actor is started and no
// interrupted session is touched.
#pragma once

#include <memory>
#include <vector>

#include "actors/ports.hpp"
#include "messages/sessions.hpp"
#include "runtime/cli/commands.hpp"

namespace ratchet::cli {

/// The store of the context's state directory; `store_failed` when there is none to open.
expected<std::shared_ptr<store_port>> open_stored(const command_context& context);

/// `unknown_session` when there is none; `invalid_argument` when the id is none.
expected<progress> stored_progress(store_port& store, const std::string& session_id);

/// Newest first.
expected<std::vector<progress>> all_stored(store_port& store, std::size_t limit);

}  // namespace ratchet::cli
