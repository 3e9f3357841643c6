// SPDX-License-Identifier: MIT
//
// A request of which nothing is left once it is answered. CAF 0.17.6 keeps the timeout of an
// answered request in its clock until it is due, and with it the actor that asked: a night of
// iterations that each ask a dozen times with hours of patience would fill the memory.
#pragma once

#include <caf/actor_clock.hpp>
#include <chrono>
#include <utility>

#include "messages/timeouts.hpp"

namespace ratchet {

/// self->request(whom, patience, request).then(take, otherwise), where `take` gets an Answer&.
/// `longest_step` or more is for ever: it is there for those who have to name a time.
template <class Answer, class Self, class Handle, class Duration, class Request, class Take,
          class Else>
void ask_within(Self self, const Handle& whom, Duration patience, Request request, Take take,
                Else otherwise) {
  if (patience >= longest_step) {
    self->request(whom, caf::infinite, std::move(request))
        .then([take = std::move(take)](Answer& answer) mutable { take(answer); },
              [otherwise = std::move(otherwise)](const caf::error& e) mutable { otherwise(e); });
    return;
  }
  auto asked = self->request(whom, patience, std::move(request));
  auto settle = [self, id = asked.id()] { self->clock().cancel_request_timeout(self, id); };
  asked.then(
      [settle, take = std::move(take)](Answer& answer) mutable {
        settle();
        take(answer);
      },
      [settle, otherwise = std::move(otherwise)](const caf::error& e) mutable {
        settle();
        otherwise(e);
      });
}

}  // namespace ratchet
