// SPDX-License-Identifier: MIT
//
// An actor system whose scheduler and clock stand still until the test moves them: the same
// messages give the same run each time. Nothing here waits for anything.
#pragma once

#include <caf/actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "messages/type_ids.hpp"
#include "tests/support/expected_printing.hpp"

namespace ratchet::testing {

/// Owns an actor system and ends every actor it spawned. Actors spawned `detached` escape the
/// scheduler: spawn plainly what the wiring spawns detached.
class actor_fixture {
 public:
  /// The answer to a request, once there is one.
  template <class Answer>
  class pending {
   public:
    bool answered() const { return slot_->has_value(); }
    /// The answer; `timed_out` when there is none yet.
    expected<Answer> get() const {
      if (*slot_) return **slot_;
      return fail(errc::timed_out, "the actor has not answered");
    }

   private:
    friend class actor_fixture;
    std::shared_ptr<std::optional<expected<Answer>>> slot_ =
        std::make_shared<std::optional<expected<Answer>>>();
  };

  actor_fixture();
  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;
  ~actor_fixture();

  caf::actor_system& system() { return system_; }

  /// Spawns an actor and lets it initialise.
  template <class Behaviour, class... Args>
  auto spawn(Behaviour behaviour, Args&&... args) {
    auto handle = system_.spawn(behaviour, std::forward<Args>(args)...);
    own(handle);
    run();
    return handle;
  }

  /// Ends `handle` with the fixture; for actors that others spawned.
  template <class Handle>
  void own(const Handle& handle) {
    spawned_.push_back(caf::actor_cast<caf::actor>(handle));
  }

  /// Handles messages until no actor has one left. Time stands still. At most `limit` turns, so
  /// that two actors that talk for ever end the test, not the day.
  std::size_t run(std::size_t limit = 1'000'000);

  /// As run(), but each time an actor picked by `random` takes the next turn.
  template <class Random>
  void run_shuffled(Random& random) {
    while (scheduler_.has_job()) {
      auto& jobs = scheduler_.jobs;
      std::uniform_int_distribution<std::size_t> pick(0, jobs.size() - 1);
      std::swap(jobs.front(), jobs[pick(random)]);
      scheduler_.run_once();
    }
  }

  /// Moves the actors' clock and runs what falls due, timers that timers start included.
  void advance(std::chrono::nanoseconds duration);

  /// Sends a request and runs nothing yet.
  template <class Answer, class Handle, class... Messages>
  pending<Answer> begin(const Handle& to, Messages... messages) {
    pending<Answer> result;
    auto slot = result.slot_;
    auto asker = [=](caf::event_based_actor* self, bool) {
      self->request(to, caf::infinite, messages...)
          .then([slot](Answer& answer) { slot->emplace(std::move(answer)); },
                [slot](caf::error& e) { slot->emplace(as_failure(e, "the actor")); });
    };
    // With no argument CAF 0.17 dereferences a null tuple, which a sanitizer reports.
    own(system_.spawn(asker, true));
    return result;
  }

  /// Sends a request, runs everything and gives the answer.
  template <class Answer, class Handle, class... Messages>
  expected<Answer> ask(const Handle& to, Messages... messages) {
    auto result = begin<Answer>(to, std::move(messages)...);
    run();
    return result.get();
  }

  /// Sends a message and runs everything.
  template <class Handle, class Message>
  void tell(const Handle& to, Message message) {
    caf::anon_send(to, std::move(message));
    run();
  }

  /// Ends an actor at once and runs what follows from it.
  template <class Handle>
  void kill(const Handle& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    run();
  }

  caf::scheduler::test_coordinator& scheduler() { return scheduler_; }

 private:
  struct config : caf::actor_system_config {
    config();
  };

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<caf::actor> spawned_;
};

}  // namespace ratchet::testing
