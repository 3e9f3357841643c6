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
#include <tuple>

#include "messages/caf_port.hpp"

namespace ratchet {

template <class... Answer>
using watched_answer =
    std::conditional_t<sizeof...(Answer) == 1, std::tuple_element_t<0, std::tuple<Answer...>>,
                       std::tuple<Answer...>>;

/// `name` is what the receiver is called in a failure; `request` are the parts of one message. An
/// answer of several parts is a tuple. `worker_lost` when the receiver or the connection ends
/// first, `timed_out` after `patience`.
template <class... Answer, class Handle, class... Request>
expected<watched_answer<Answer...>> ask_watched(caf::actor_system& system, const Handle& whom,
                                                std::chrono::seconds patience,
                                                const std::string& name,
                                                const Request&... request) {
  using result = expected<watched_answer<Answer...>>;
  struct slot {
    std::promise<result> promise;
    bool set = false;  // only the asker's thread of control touches it
    void give(result answer) {
      if (!std::exchange(set, true)) promise.set_value(std::move(answer));
    }
  };
  auto shared = std::make_shared<slot>();
  auto answer = shared->promise.get_future();
  system.spawn(
      [=](caf::event_based_actor* self, const std::shared_ptr<slot>& slot) {
        self->monitor(whom);
        self->set_down_handler([=](const caf::down_msg&) {
          slot->give(
              fail(errc::worker_lost, name + " is gone: its connection or its process has ended"));
          self->quit();
        });
        self->request(whom, patience, request...)
            .then(
                [=](const Answer&... parts) {
                  slot->give(watched_answer<Answer...>(parts...));
                  self->quit();
                },
                [=](const caf::error& e) {
                  slot->give(as_failure(e, name));
                  self->quit();
                });
      },
      shared);
  return answer.get();
}

}  // namespace ratchet
