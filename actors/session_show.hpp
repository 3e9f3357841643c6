// SPDX-License-Identifier: MIT
//
// How the session registry answers autoresearch_show: from what is stored, and from the session's
// code, beside whatever step is at work.
#pragma once

#include "actors/session_registry.hpp"

namespace ratchet {

caf::result<session_shown> show(session_registry_self self, const show_session& m);

}  // namespace ratchet
