// SPDX-License-Identifier: MIT
//
// A question to an actor that may be on another machine, from a thread that may block. CAF answers
// a request to an actor that is gone, but not one that was on its way when the connection broke:
// so the receiver is watched too, and its end is an answer.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "messages/caf_port.hpp"

namespace ratchet {

/// `name` is what the receiver is called in a failure. `worker_lost` when it or the connection ends
/// first, `timed_out` after `patience`.
template <class Answer, class Handle, class Request>
expected<Answer> ask_watched(caf::actor_system& system, const Handle& whom,
                             std::chrono::seconds patience, const Request& request,
                             const std::string& name) {
  struct slot {
    std::promise<expected<Answer>> promise;
    bool set = false;  // only the asker's thread of control touches it
    void give(expected<Answer> answer) {
      if (!std::exchange(set, true)) promise.set_value(std::move(answer));
    }
  };
  auto shared = std::make_shared<slot>();
  auto answer = shared->promise.get_future();
  system.spawn(
      [=](caf::event_based_actor* self, const std::shared_ptr<slot>& result) {
        self->monitor(whom);
        self->set_down_handler([=](const caf::down_msg&) {
          result->give(
              fail(errc::worker_lost, name + " is gone: its connection or its process has ended"));
          self->quit();
        });
        self->request(whom, patience, request)
            .then(
                [=](const Answer& a) {
                  result->give(a);
                  self->quit();
                },
                [=](const caf::error& e) {
                  result->give(as_failure(e, name));
                  self->quit();
                });
      },
      shared);
  return answer.get();
}

}  // namespace ratchet
