// SPDX-License-Identifier: MIT
//
// The experiment_runner of a node that runs nothing itself, and workers that do what a test says.
#pragma once

#include <doctest/doctest.h>

#include <deque>

#include "actors/experiment_runner.hpp"
#include "actors/object_source.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

/// What a worker was asked; the test answers when it likes, or never.
struct worker_log {
  std::vector<run_on_worker> runs;
  std::deque<caf::typed_response_promise<run_result>> promises;
  failure refusal;
  std::vector<std::int64_t> stopped;
  std::vector<std::string> released;
};

/// A result or drain_worker, told by the test, answers the oldest run: drain_worker with `refusal`.
using logging_worker_actor = remote_worker_actor::extend<tells<run_result>, tells<drain_worker>>;

inline logging_worker_actor::behavior_type logging_worker(logging_worker_actor::pointer self,
                                                          std::shared_ptr<worker_log> log) {
  return {
      [self, log](const run_on_worker& m) -> caf::result<run_result> {
        log->runs.push_back(m);
        auto promise = self->make_response_promise<run_result>();
        log->promises.push_back(promise);
        return promise;
      },
      [](const compare_on_worker&) { return comparison{}; },
      [log](const stop_lease& m) { log->stopped.push_back(m.lease); },
      [log](const release_session& m) { log->released.push_back(m.session_id); },
      [log](const run_result& r) {
        log->promises.front().deliver(r);
        log->promises.pop_front();
      },
      [log](const drain_worker&) {
        log->promises.front().deliver(as_error(log->refusal));
        log->promises.pop_front();
      },
  };
}

inline machine_facts desk_machine(const std::string& name,
                                  std::map<std::string, std::string> labels = {}) {
  machine_facts m;
  m.name = name;
  m.arch = "x86_64";
  m.cpus = 2;
  m.labels = std::move(labels);
  return m;
}

inline run_result measured_there(double value) {
  run_result r;
  r.metric_value = value;
  return r;
}

struct logged_worker {
  logging_worker_actor handle;
  std::shared_ptr<worker_log> log = std::make_shared<worker_log>();
  std::int64_t id = 0;
};

struct desk_laboratory : actor_fixture {
  world w;
  experiment_runner_actor runner;

  desk_laboratory() {
    w.machine = desk_machine("node");
    runner = spawn(experiment_runner_with, w, std::size_t{0},
                   run_desk_helpers{[](int) { return run_worker_actor{}; },
                                    [this]() -> object_source_actor {
                                      object_source_actor source =
                                          system().spawn(object_source, w.objects);
                                      own(source);
                                      return source;
                                    }});
  }

  /// As `worker` asks to join; the node's answer.
  expected<worker_joined> offer(const logged_worker& worker, const join_runner& what) {
    auto answer = std::make_shared<expected<worker_joined>>(fail(errc::timed_out, "no answer"));
    auto asker = [=, this](caf::event_based_actor* self, bool) {
      self->request(runner, caf::infinite, what,
                    caf::actor_cast<remote_worker_actor>(worker.handle))
          .then([=](const worker_joined& j, const object_source_actor&) { *answer = j; },
                [=](const caf::error& e) { *answer = as_failure(e, "the runner"); });
    };
    own(system().spawn(asker, true));
    run();
    return *answer;
  }
  logged_worker new_worker() {
    logged_worker worker;
    worker.handle = spawn(logging_worker, worker.log);
    return worker;
  }
  logged_worker join(const std::string& name, int slots = 1,
                     std::map<std::string, std::string> labels = {}) {
    auto worker = new_worker();
    const auto joined = offer(worker, {desk_machine(name, std::move(labels)), slots});
    REQUIRE(joined);
    worker.id = joined->worker_id;
    return worker;
  }

  run_experiment job(int iteration = 1) {
    run_experiment m;
    m.session_id = "0123456789ab";
    m.iteration = iteration;
    m.tree = "t" + std::to_string(iteration);
    return m;
  }

  void beat(const logged_worker& worker, std::vector<lease_news> at_work) {
    auto heard = ask<heartbeat_heard>(runner, worker_heartbeat{worker.id, std::move(at_work)});
    REQUIRE(heard);
    CHECK(heard->known);
    CHECK(heard->stopped.empty());
  }
};

}  // namespace ratchet::testing
