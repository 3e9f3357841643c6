// SPDX-License-Identifier: MIT
#include <utility>

#include "actors/limits.hpp"
#include "actors/session.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// A step of another process is only seen in the store; so is the end of a wait.
constexpr std::chrono::milliseconds look_interval{50};

void answer_from(session_self self, const opened_step& opened) {
  auto& s = self->state;
  auto now = s.roles.clock->now_ms();
  auto read = session_document::read(opened.record, opened.current);
  bool step_elsewhere = read && read->state.in_step != session_step::none;
  auto waiting = std::exchange(s.waiting_status_calls, {});
  for (auto& call : waiting) {
    if (!read)
      call.promise.deliver(as_error(read.error()));
    else if (step_elsewhere && now < call.deadline_ms)
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

}  // namespace

caf::result<progress> take_status(session_self self, const get_status& m) {
  auto& s = self->state;
  auto promise = self->make_response_promise<progress>();
  s.waiting_status_calls.push_back({promise, s.roles.clock->now_ms() + m.wait_ms});
  look_at_waiting(self);
  return promise;
}

void look_at_waiting(session_self self) {
  auto& s = self->state;
  if (s.waiting_status_calls.empty()) return;
  if (s.at_work) {
    auto now = s.roles.clock->now_ms();
    std::erase_if(s.waiting_status_calls, [&](auto& call) {
      bool over = now >= call.deadline_ms;
      if (over) call.promise.deliver(progress_of(s.document, now));
      return over;
    });
    return schedule_look(self);
  }
  self->request(s.roles.journal, store_timeout, open_step{s.session_id, false, false})
      .then(
          [self](const opened_step& opened) {
            answer_from(self, opened);
            schedule_look(self);
          },
          [self](const caf::error& error) {
            for (auto& call : std::exchange(self->state.waiting_status_calls, {}))
              call.promise.deliver(error);
          });
}

}  // namespace ratchet
