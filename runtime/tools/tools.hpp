// SPDX-License-Identifier: MIT
//
// The one table of tools. C++, the command line and every other way in are served from it, so that
// a tool has one name, one list of arguments, one set of checks and one answer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "messages/failure.hpp"
#include "messages/jobs.hpp"
#include "messages/json.hpp"
#include "messages/sessions.hpp"
#include "messages/shown.hpp"
#include "messages/steering.hpp"
#include "runtime/tools/argument.hpp"

namespace ratchet {

/// The names by which the program itself calls a tool.
namespace tool_names {
inline constexpr std::string_view setup = name_of(session_step::setup);
inline constexpr std::string_view edit = name_of(session_step::edit);
inline constexpr std::string_view run = name_of(session_step::run);
inline constexpr std::string_view decide = name_of(session_step::decide);
inline constexpr std::string_view finalize = name_of(session_step::finalize);
inline constexpr std::string_view status = "get_autoresearch_status";
inline constexpr std::string_view start = "start_autoresearch";
inline constexpr std::string_view show = "autoresearch_show";
inline constexpr std::string_view steer = "autoresearch_steer";
}  // namespace tool_names

/// A checked call: the message to send, and how long the caller wants to wait for its answer.
struct tool_call {
  using request = std::variant<setup_session, edit_candidate, run_candidate, decide_candidate,
                               finalize_session, get_status, list_sessions, best_tool_query,
                               show_session, steer_session, read_iterations>;
  request message;
  std::optional<std::int64_t> wait_ms;  ///< as the caller gave it
};

/// All that is said of a tool; the rows are in tools.cpp.
struct tool {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::vector<tool_argument> arguments;
  bool read_only = false;
  bool idempotent = false;
  bool for_people = false;  ///< what a user says to a search: agent hosts are not told of it
  session_step step = session_step::none;  ///< the step of a session that a call is
  json (*answer)() = nullptr;              ///< the members of its answer, name to schema
  /// The message of a call whose arguments have been checked one by one.
  expected<tool_call::request> (*decode)(const json& arguments) = nullptr;
};

std::span<const tool> tools();
const tool* find_tool(std::string_view name);

/// The object of a call in which arguments may be given that have no property of their own.
inline constexpr std::string_view options_argument = "options";

/// JSON Schema (2020-12) of a tool's arguments, and the whole table as a document.
json input_schema(const tool& t);
/// JSON Schema of a tool's answer. Nothing in it is required: an answer may also be an error, or
/// say that the step goes on.
json output_schema(const tool& t);
json describe_tools();
/// The list of those that agent hosts are told of.
json tools_for_hosts();

/// Checks every argument before anything runs. A failure is `invalid_argument` and names the
/// argument, what was given and what is allowed (`details.field`); an unknown argument or tool
/// names the closest known one. Never throws, whatever `arguments` holds.
expected<tool_call> decode_call(std::string_view tool, const json& arguments);

/// `{"error": text, "code": …, "session_id"?, …details}`.
json error_answer(const failure& f, std::string_view session_id = "");

}  // namespace ratchet
