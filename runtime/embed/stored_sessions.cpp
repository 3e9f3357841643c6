// SPDX-License-Identifier: MIT
#include "runtime/embed/stored_sessions.hpp"

#include "actors/logic/session_ledger.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

expected<session_record> stored_record(sessions_port& stored, const std::string& session_id) {
  // The same check of the id, with the same words, as every tool makes.
  if (auto call = decode_call(tool_names::run, {{"session_id", session_id}}); !call)
    return call.error();
  auto record = stored.session(session_id);
  if (!record) return record.error();
  if (!*record)
    return fail(errc::unknown_session,
                "no session has the id " + session_id + "; `ratchet status` lists them");
  return std::move(**record);
}

expected<std::vector<progress>> progress_of_all(sessions_port& stored,
                                                const std::vector<std::string>& statuses,
                                                std::size_t limit) {
  auto records = stored.sessions(statuses, limit);
  if (!records) return records.error();
  std::vector<progress> all;
  for (const auto& record : *records)
    if (auto document = session_document::read(record, {}))
      all.push_back(progress_of(*document, wall_clock_ms()));
  return all;
}

}  // namespace

expected<progress> stored_progress(sessions_port& stored, const std::string& session_id) {
  auto record = stored_record(stored, session_id);
  if (!record) return record.error();
  auto document = session_document::read(*record, {});
  if (!document) return document.error();
  return progress_of(*document, wall_clock_ms());
}

expected<std::vector<progress>> open_sessions(sessions_port& stored) {
  return progress_of_all(stored, {"pending", "running", "budget_exhausted"}, 1000);
}

expected<std::vector<progress>> all_stored(sessions_port& stored, std::size_t limit) {
  return progress_of_all(stored, {}, limit);
}

}  // namespace ratchet
