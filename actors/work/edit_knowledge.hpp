// SPDX-License-Identifier: MIT
//
// What a backend is told when it is asked for an edit, read from the ports.
#pragma once

#include "actors/logic/edit_format.hpp"
#include "actors/work/world.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// What the proposals of a round have in common. `prompted`: the backend writes a prompt, so that
/// other files and what other sessions learnt are worth reading. Without `tried_as`.
expected<edit_context> knowledge_for(const world& w, const propose_edit& m,
                                     const file_contents& targets, bool prompted);

/// What is of one proposal alone.
void bring_up_to_date(edit_context& context, const propose_edit& m);

}  // namespace ratchet
