// SPDX-License-Identifier: MIT
//
// One call of a tool as an actor: it asks the session_registry, waits as long as the caller wants,
// hands the answer over and ends. Blocking callers, event loops and other languages are all served
// by it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "messages/actors.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

/// A call that can be sent.
struct ready_call {
  tool_call::request request;
  std::int64_t wait_ms = -1;  ///< < 0: no bound
};

/// Checks as decode_call does. A setup's session has its id here already, so that the caller can
/// speak of it while it is being set up; a status that was not told to wait answers at once.
expected<ready_call> read_call(std::string_view tool, const json& arguments,
                               std::int64_t default_wait_ms);

/// Ends the step that a call under way has begun.
using tool_client_actor = caf::typed_actor<tells<cancel_step>>;

/// `answer` is called exactly once, from a thread of the actor system; it must not throw or block.
/// `wait_ms` < 0: no bound; when it passes first, the answer says that the step goes on. `gone` is
/// answered when the supervisor is, so that nothing was begun.
tool_client_actor call_tool(caf::actor_system& system, const supervisor_actor& supervisor,
                            std::string tool, tool_call::request request, std::int64_t wait_ms,
                            std::function<void(json)> answer, failure gone);

/// The session that a request speaks of; empty for list_sessions.
std::string session_of(const tool_call::request& request);

}  // namespace ratchet
