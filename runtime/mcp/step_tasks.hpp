// SPDX-License-Identifier: MIT
//
// A step as a task of the protocol's extension io.modelcontextprotocol/tasks. The task is no record
// of its own: its id names the session and the step, and the store, which outlives every process,
// knows the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "messages/json.hpp"

namespace ratchet::mcp {

/// How long a call that may become a task is waited for first: most steps are over by then.
inline constexpr std::int64_t task_patience_ms = 2'000;

struct step_task {
  std::string session_id;
  std::string step;     ///< setup, edit, run, decide or finalize
  std::string created;  ///< RFC 3339
};

/// Whether the tool is a step of a session (and not a look at one).
bool is_step_tool(std::string_view tool);

/// The result of a call that has become a task.
json new_task(const std::string& tool, const std::string& session_id);

/// Nothing when `id` is no task's.
std::optional<step_task> read_task_id(const std::string& id);

/// The object of tasks/get, by the session's progress; with `answer`, the tool's, when it is over.
json task_view(const std::string& id, const step_task& task, const json& progress);

}  // namespace ratchet::mcp
