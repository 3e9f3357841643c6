// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "actors/logic/session_wishes.hpp"
#include "actors/logic/text.hpp"
#include "actors/session/session.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// A step of another process is only seen in the store; so is the end of a wait.
constexpr std::chrono::milliseconds look_interval{50};

void answer_from(session_self self, const opened_step& opened) {
  auto& s = self->state;
  auto now = s.roles.clock->now_ms();
  auto read = session_document::read(opened.record, opened.current);
  if (read) take_wishes(*read, opened.wishes);
  bool step_elsewhere = read && read->state.in_step != session_step::none;
  auto waiting = std::exchange(s.waiting_status_calls, {});
  for (auto& call : waiting) {
    if (!read)
      call.promise.deliver(as_error(read.error()));
    else if (step_elsewhere && self->clock().now() < call.deadline)
      s.waiting_status_calls.push_back(std::move(call));
    else
      call.promise.deliver(progress_of(*read, now));
  }
}

void schedule_look(session_self self) {
  auto& s = self->state;
  if (s.waiting_status_calls.empty() || s.look_scheduled) return;
  s.look_scheduled = true;
  self->delayed_send(self, look_interval, look_again{});
}

/// The mark of a step may be all that is left of a process that was killed: then the lease is free,
/// and the step is rolled back before anybody is told that it runs.
void recover_or_answer(session_self self, const opened_step& opened) {
  auto read = session_document::read(opened.record, opened.current);
  if (!read || read->state.in_step == session_step::none) return answer_from(self, opened);
  self->request(session_actor{self}, caf::infinite, recover_session{self->state.session_id})
      .then([self](const done&) { look_at_waiting(self); },
            [self, opened](const caf::error&) {  // busy: the step is alive and well elsewhere
              answer_from(self, opened);
              schedule_look(self);
            });
}

}  // namespace

caf::result<progress> take_status(session_self self, const get_status& m) {
  auto& s = self->state;
  auto promise = self->make_response_promise<progress>();
  const auto wait = std::min<std::chrono::milliseconds>(std::chrono::milliseconds(m.wait_ms),
                                                        longest_step);  // no overflow
  s.waiting_status_calls.push_back({promise, self->clock().now() + wait});
  look_at_waiting(self);
  return promise;
}

void look_at_waiting(session_self self) {
  auto& s = self->state;
  if (s.waiting_status_calls.empty()) return;
  // Until the session has been read, or rolled back, there is nothing true to tell.
  bool known = s.document.created_ms != 0 && !s.recovering;
  if (s.at_work && !known) return schedule_look(self);
  if (s.at_work) {
    auto now = s.roles.clock->now_ms();
    std::erase_if(s.waiting_status_calls, [&](auto& call) {
      bool over = self->clock().now() >= call.deadline;
      if (!over) return false;
      auto told = progress_of(s.document, now);
      if (s.roles.output) told.last_output = one_line(s.roles.output->last_line(s.session_id));
      call.promise.deliver(std::move(told));
      return true;
    });
    return schedule_look(self);
  }
  self->request(s.roles.journal, store_timeout, open_step{s.session_id, false, false})
      .then([self](const opened_step& opened) { recover_or_answer(self, opened); },
            [self](const caf::error& error) {
              for (auto& call : std::exchange(self->state.waiting_status_calls, {}))
                call.promise.deliver(error);
            });
}

}  // namespace ratchet
