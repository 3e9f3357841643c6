// SPDX-License-Identifier: MIT
//
// Sessions as resources that a host may show or give to its model:
//   ratchet://sessions/{id}                the progress object           application/json
//   ratchet://sessions/{id}/events         CloudEvents, one a line       application/x-ndjson
//   ratchet://sessions/{id}/report         the report, once it is ended  application/json
//   ratchet://sessions/{id}/progress.svg   the chart, as of now          image/svg+xml
// Where there is no store, at another machine's node, there is the first of them alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/ports/events_port.hpp"
#include "actors/ports/sessions_port.hpp"
#include "messages/sessions.hpp"

namespace ratchet::mcp {

/// The session's id in an address of the form above; empty when it is another.
std::string session_in(const std::string& uri);

/// Resource objects of the newest 50 sessions.
json list_session_resources(sessions_port& stored);
json list_resources_without_store(const std::vector<progress>& sessions);
json session_resource_templates(bool with_store);
/// Ids of the newest sessions that begin so.
std::vector<std::string> sessions_beginning_with(sessions_port& stored, const std::string& begun);

/// The protocol's `contents`; nothing when there is no such resource (or not yet).
std::optional<json> read_session_resource(sessions_port& stored, events_port& events,
                                          const std::string& uri);

/// Whether the address is that of a session, and not of something below it; and its contents.
bool is_session_itself(const std::string& uri);
json session_contents(const std::string& uri, const json& progress);

}  // namespace ratchet::mcp
