// SPDX-License-Identifier: MIT
#include "runtime/mcp/session_resources.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

#include "actors/logic/session_ledger.hpp"
#include "runtime/embed/stored_sessions.hpp"
#include "runtime/report/progress_chart.hpp"
#include "runtime/tools/cloud_event.hpp"

namespace ratchet::mcp {

namespace {

constexpr std::string_view prefix = "ratchet://sessions/";
constexpr std::size_t listed_sessions = 50;
constexpr std::size_t max_events = 10'000;

struct part {
  std::string_view suffix;
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::string_view type;
};

constexpr std::array parts{
    part{"", "session", "Session", "Status, budget, best metric and last result of a session.",
         "application/json"},
    part{"/events", "events", "Events", "What happened in a session, one CloudEvent a line.",
         "application/x-ndjson"},
    part{"/report", "report", "Report", "The whole report of a session that has ended.",
         "application/json"},
    part{"/progress.svg", "chart", "Chart",
         "The metric of every iteration, what was kept, and the best so far.", "image/svg+xml"}};

std::string id_part(std::string_view uri) {
  if (!uri.starts_with(prefix)) return "";
  uri.remove_prefix(prefix.size());
  return std::string(uri.substr(0, uri.find('/')));
}

const part* part_of(const std::string& uri) {
  const auto id = id_part(uri);
  if (id.empty()) return nullptr;
  const auto suffix = std::string_view(uri).substr(prefix.size() + id.size());
  for (const auto& p : parts)
    if (p.suffix == suffix) return &p;
  return nullptr;
}

json resource_object(const std::string& id, const part& p) {
  return {{"uri", std::string(prefix) + id + std::string(p.suffix)},
          {"name", id + std::string(p.suffix)},
          {"title", std::string(p.title) + " of " + id},
          {"description", std::string(p.description)},
          {"mimeType", std::string(p.type)}};
}

json contents_of(const std::string& uri, const part& p, std::string text) {
  return json::array(
      {{{"uri", uri}, {"mimeType", std::string(p.type)}, {"text", std::move(text)}}});
}

std::string event_lines(events_port& events, const std::string& id) {
  std::string lines;
  if (auto found = events.session_events(id, 0, max_events))
    for (const auto& e : *found) lines += to_text(cloud_event(e)) + "\n";
  return lines;
}

std::optional<std::string> report_text(const progress& p) {
  if (p.report_path.empty()) return std::nullopt;
  std::ifstream file(p.report_path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::optional<std::string> chart(sessions_port& stored, const progress& p) {
  auto record = stored.session(p.session_id);
  if (!record || !*record) return std::nullopt;
  auto document = session_document::read(**record, {});
  auto rows = stored.iterations(p.session_id, 0);
  if (!document || !rows) return std::nullopt;
  return render_progress_svg(p, document->settings, *rows);
}

}  // namespace

std::string session_in(const std::string& uri) { return part_of(uri) ? id_part(uri) : ""; }

json list_session_resources(sessions_port& stored) {
  json all = json::array();
  auto sessions = all_stored(stored, listed_sessions);
  if (!sessions) return all;
  for (const auto& p : *sessions)
    for (const auto& which : parts)
      if (which.suffix != "/report" || !p.report_path.empty())
        all.push_back(resource_object(p.session_id, which));
  return all;
}

json list_resources_without_store(const std::vector<progress>& sessions) {
  json all = json::array();
  for (const auto& p : sessions)
    if (all.size() < listed_sessions) all.push_back(resource_object(p.session_id, parts.front()));
  return all;
}

std::vector<std::string> sessions_beginning_with(sessions_port& stored, const std::string& begun) {
  std::vector<std::string> ids;
  if (auto sessions = all_stored(stored, listed_sessions))
    for (const auto& p : *sessions)
      if (p.session_id.starts_with(begun)) ids.push_back(p.session_id);
  return ids;
}

json session_resource_templates(bool with_store) {
  json all = json::array();
  for (const auto& p : parts)
    if (with_store || p.suffix.empty())
      all.push_back({{"uriTemplate", std::string(prefix) + "{session_id}" + std::string(p.suffix)},
                     {"name", std::string(p.name)},
                     {"title", std::string(p.title)},
                     {"description", std::string(p.description)},
                     {"mimeType", std::string(p.type)}});
  return all;
}

std::optional<json> read_session_resource(sessions_port& stored, events_port& events,
                                          const std::string& uri) {
  const part* which = part_of(uri);
  if (!which) return std::nullopt;
  auto session = stored_progress(stored, id_part(uri));
  if (!session) return std::nullopt;
  std::optional<std::string> text;
  if (which->suffix.empty())
    text = to_text(*session);
  else if (which->suffix == "/events")
    text = event_lines(events, session->session_id);
  else if (which->suffix == "/report")
    text = report_text(*session);
  else
    text = chart(stored, *session);
  if (!text) return std::nullopt;
  return contents_of(uri, *which, std::move(*text));
}

bool is_session_itself(const std::string& uri) { return part_of(uri) == &parts.front(); }

json session_contents(const std::string& uri, const json& progress) {
  return contents_of(uri, parts.front(), to_text(progress));
}

}  // namespace ratchet::mcp
