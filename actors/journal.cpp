// SPDX-License-Identifier: MIT
#include "actors/journal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/logic/session_ledger.hpp"
#include "actors/logic/session_step_rules.hpp"
#include "actors/logic/session_wishes.hpp"
#include "messages/event_payloads.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

expected<std::unique_ptr<session_lease>> acquire(journal_state& s, const std::string& id) {
  if (s.held.count(id) > 0)
    return fail(
        errc::session_busy,
        "session " + id + " is at work on another step; wait for it with get_autoresearch_status");
  return s.leases->acquire(id);
}

expected<session_record> record_of(journal_state& s, const std::string& id) {
  auto record = s.sessions->session(id);
  if (!record) return record.error();
  if (*record) return std::move(**record);
  return fail(errc::unknown_session,
              "there is no session " + id + "; \"ratchet status\" lists them");
}

expected<opened_step> read_step(journal_state& s, const std::string& id) {
  auto record = record_of(s, id);
  if (!record) return record.error();
  opened_step opened{std::move(*record), {}, {}, {}};
  auto wishes = s.sessions->wishes(id);
  if (!wishes) return wishes.error();
  opened.wishes = std::move(*wishes);
  const json& state = opened.record.state;
  if (!state.is_object()) return opened;
  const auto current = state.find(state.contains("current") ? "current" : "iteration");
  if (current == state.end() || !current->is_number_integer()) return opened;
  auto row = s.sessions->iteration(id, current->get<int>());
  if (!row) return row.error();
  opened.current = std::move(*row);
  if (const auto round = state.find("round"); round != state.end())
    for (const json& iteration : *round) {
      auto one = s.sessions->iteration(id, iteration.get<int>());
      if (!one) return one.error();
      if (*one) opened.round.push_back(std::move(**one));
    }
  return opened;
}

expected<opened_step> open(journal_state& s, const open_step& m) {
  if (m.known) {
    auto wishes = s.sessions->wishes(m.session_id);
    if (!wishes) return wishes.error();
    return opened_step{{}, {}, {}, std::move(*wishes)};
  }
  if (!m.lease) return read_step(s, m.session_id);
  auto lease = acquire(s, m.session_id);
  if (!lease) return lease.error();
  auto opened = m.fresh ? expected<opened_step>{opened_step{}} : read_step(s, m.session_id);
  if (opened) s.held[m.session_id] = std::move(*lease);
  return opened;
}

expected<> check_unneeded(journal_state& s, const std::string& id) {
  auto record = s.sessions->session(id);
  if (!record) return record.error();
  if (*record && needs_workspace(**record))
    return fail(errc::session_busy, "session " + id + " needs its workspace; finalize it first");
  return {};
}

expected<> claim(journal_state& s, const std::string& id) {
  // Before the lease too: a session that goes on must not find it taken, even for a moment.
  if (auto free = check_unneeded(s, id); !free) return free;
  auto lease = acquire(s, id);
  if (!lease) return lease.error();
  if (auto free = check_unneeded(s, id); !free) return free;
  s.held[id] = std::move(*lease);
  return {};
}

expected<done> write(journal_self self, const write_step& m) {
  auto& s = self->state;
  auto events = s.sessions->write(m.what);
  if (!events) return events.error();
  if (!events->empty())
    spdlog::debug("recorded {} events, the last is {}", events->size(), events->back().seq);
  if (s.hub && !events->empty()) self->send(s.hub, recorded_events{std::move(*events)});
  if (m.release && m.what.session) s.held.erase(m.what.session->session_id);
  return done{};
}

/// How the session will be once its next step has taken all wishes.
expected<steer_answer> with_wishes(journal_state& s, const session_record& record) {
  auto d = session_document::read(record, {});
  if (!d) return d.error();
  auto wishes = s.sessions->wishes(record.session_id);
  if (!wishes) return wishes.error();
  take_wishes(*d, *wishes);
  steer_answer answer{record.session_id, d->state.instructions, d->state.paused, ""};
  answer.instruction = d->state.paused
                           ? "The step at work goes on to its end; then no further edit is made."
                           : "It counts from the next edit on.";
  return answer;
}

/// Stored and told at once, whoever is at work on the session.
expected<steer_answer> steer(journal_self self, const steer_session& m) {
  auto& s = self->state;
  auto record = record_of(s, m.session_id);
  if (!record) return record.error();
  auto d = session_document::read(*record, {});
  if (!d) return d.error();
  if (d->state.next == session_step::none || d->state.status == session_status::failed)
    return fail(errc::session_ended, "session " + m.session_id + " is " +
                                         std::string(name_of(d->state.status)) +
                                         ": there is nothing left to steer");
  const auto now = s.clock->now_ms();
  step_effects effects;
  session_steered told;
  told.instructions = m.instructions;
  told.pause = m.pause;
  tell(*d, effects, told, now);
  write_step w;
  w.what.events = std::move(effects.events);
  w.what.wish = session_wish{0, m, rfc3339(now)};
  if (auto written = write(self, w); !written) return written.error();
  return with_wishes(s, *record);
}

expected<stored_sessions> read(journal_state& s, const read_sessions& m) {
  auto sessions = m.interrupted_only ? s.sessions->interrupted_sessions()
                                     : s.sessions->sessions(m.statuses, m.limit);
  if (!sessions) return sessions.error();
  return stored_sessions{std::move(*sessions)};
}

expected<iterations_read> read_rows(journal_state& s, const read_iterations& m) {
  auto record = record_of(s, m.session_id);
  if (!record) return record.error();
  const auto limit = static_cast<std::size_t>(std::clamp(m.limit, 1, 100));
  auto rows = m.first < 0 ? s.sessions->iterations(
                                m.session_id,
                                std::min<std::size_t>(limit, 0U - static_cast<unsigned>(m.first)))
                          : s.sessions->iterations_from(m.session_id, m.first, limit);
  if (!rows) return rows.error();
  return iterations_read{std::move(*record), std::move(*rows)};
}

expected<report_read> read_stored_report(journal_state& s, const read_report& m) {
  auto text = s.reports->read(m.session_id);
  if (!text) return text.error();
  return report_read{std::move(*text).value_or("")};
}

expected<report_written> report(journal_state& s, const write_report& m) {
  const auto& id = m.session.session_id;
  auto results = s.sessions->iterations(id, 0);
  if (!results) return results.error();
  auto path = s.reports->write(id, m.session, m.settings, *results, m.extra);
  if (!path) return path.error();
  return report_written{std::move(*path)};
}

}  // namespace

journal_actor::behavior_type journal(journal_self self, std::shared_ptr<sessions_port> sessions,
                                     std::shared_ptr<lease_port> leases,
                                     std::shared_ptr<report_port> reports,
                                     std::shared_ptr<clock_port> clock, event_hub_actor hub) {
  auto& s = self->state;
  s = {std::move(sessions), std::move(leases), std::move(reports),
       std::move(clock),    std::move(hub),    {}};
  return {
      [&s](const open_step& m) { return as_result(open(s, m)); },
      [self](const write_step& m) { return as_result(write(self, m)); },
      [&s](const close_step& m) { s.held.erase(m.session_id); },
      [&s](const claim_unfinished& m) -> caf::result<done> {
        if (auto claimed = claim(s, m.session_id); !claimed) return as_error(claimed.error());
        return done{};
      },
      [&s](const read_sessions& m) { return as_result(read(s, m)); },
      [&s](const read_iterations& m) { return as_result(read_rows(s, m)); },
      [&s](const read_report& m) { return as_result(read_stored_report(s, m)); },
      [self](const steer_session& m) { return as_result(steer(self, m)); },
      [&s](const write_report& m) { return as_result(report(s, m)); },
  };
}

}  // namespace ratchet
