// SPDX-License-Identifier: MIT
//
// A question to an actor that may be on another machine, from a thread that may block. CAF answers
// a request to an actor that is gone, but not one that was on its way when the connection broke:
// so the receiver is watched too, and its end is an answer.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>

#include "messages/actors.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

template <class... Answer>
using watched_answer =
    std::conditional_t<sizeof...(Answer) == 1, std::tuple_element_t<0, std::tuple<Answer...>>,
                       std::tuple<Answer...>>;

/// A question that is out: who asks it, and what will come of it.
template <class... Answer>
struct watched_question {
  caf::actor asker;  ///< passes a cancel_step on to whom it asks, after the question
  std::future<expected<watched_answer<Answer...>>> answer;
};

template <class... Answer, class Handle, class... Request>
watched_question<Answer...> begin_watched(caf::actor_system& system, const Handle& whom,
                                          std::chrono::seconds patience, const std::string& name,
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
  auto asker = system.spawn(
      [=](caf::event_based_actor* self, const std::shared_ptr<slot>& slot) -> caf::behavior {
        self->monitor(whom);
        self->set_down_handler([=](const caf::down_msg&) {
          slot->give(
              fail(errc::worker_lost, name + " is gone: its connection or its process has ended"));
          self->quit();
        });
        // What it leaves behind in CAF's clock is small and gone after `patience`.
        self->request(
                whom,
                patience >= longest_step ? caf::duration(caf::infinite) : caf::duration(patience),
                request...)
            .then(
                [=](const Answer&... parts) {
                  slot->give(watched_answer<Answer...>(parts...));
                  self->quit();
                },
                [=](const caf::error& e) {
                  slot->give(as_failure(e, name));
                  self->quit();
                });
        return {[=](const cancel_step& m) { self->send(caf::actor_cast<caf::actor>(whom), m); }};
      },
      shared);
  return {asker, std::move(answer)};
}

/// `name` is what the receiver is called in a failure; `request` are the parts of one message. An
/// answer of several parts is a tuple. `worker_lost` when the receiver or the connection ends
/// first, `timed_out` after `patience`.
template <class... Answer, class Handle, class... Request>
expected<watched_answer<Answer...>> ask_watched(caf::actor_system& system, const Handle& whom,
                                                std::chrono::seconds patience,
                                                const std::string& name,
                                                const Request&... request) {
  return begin_watched<Answer...>(system, whom, patience, name, request...).answer.get();
}

/// Asks for a step of a session and waits as long as it takes; `stop` cancels it, also when it was
/// asked for before.
template <class Answer, class Request>
expected<Answer> ask_for_step(caf::actor_system& system, const session_registry_actor& registry,
                              const std::string& name, const Request& request,
                              const std::stop_token& stop) {
  auto question = begin_watched<Answer>(system, registry, longest_step, name, request);
  const std::stop_callback ends_it(
      stop, [&] { caf::anon_send(question.asker, cancel_step{request.session_id}); });
  return question.answer.get();
}

}  // namespace ratchet
