// SPDX-License-Identifier: MIT
#include "actors/remote_worker.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/logic/text.hpp"
#include "actors/watched_request.hpp"
#include "actors/work/experiment.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "messages/version.hpp"

namespace ratchet {

namespace {

using worker_self = remote_worker_state::self_pointer;
using seconds = std::chrono::duration<double>;

// -- a slot ---------------------------------------------------------------------------------------

constexpr const char* source_name = "the node's object source";

object_requests requests_to(caf::actor_system& system, const object_source_actor& source) {
  return {[&system, source](const identify_repository& m) {
            return ask_watched<repository_identified>(system, source, transfer_timeout, source_name,
                                                      m);
          },
          [&system, source](const fetch_base& m) {
            return ask_watched<objects_part>(system, source, transfer_timeout, source_name, m);
          },
          [&system, source](const fetch_change& m) {
            return ask_watched<objects_part>(system, source, transfer_timeout, source_name, m);
          }};
}

std::string stop_key(std::int64_t lease) { return "lease " + std::to_string(lease); }

expected<run_result> measure(const world& w, node_copies& copies, const object_requests& ask,
                             const run_on_worker& m) {
  const auto key = stop_key(m.lease);
  std::vector<std::string> wanted{m.job.tree};
  if (m.job.iteration > 0) wanted.push_back(m.job.incumbent);
  auto lane = copies.take(m.job.session_id, m.job.settings, m.job.base_commit, wanted, ask, key);
  if (!lane) return lane.error();
  auto job = m.job;
  job.lane = (*lane)->number();
  job.directory = (*lane)->directory();
  auto measured = measure_candidate(w, job, key);
  if (!measured && measured.error().code == errc::workspace_failed)
    copies.distrust(m.job.session_id);
  return measured;
}

expected<comparison> compare(const world& w, node_copies& copies, const object_requests& ask,
                             const compare_on_worker& m) {
  const auto key = stop_key(m.lease);
  const bool from_base = m.job.base_commit.empty() || m.job.base_commit == m.job.baseline;
  auto lane = from_base ? copies.take(m.job.session_id, m.job.settings, m.job.baseline,
                                      {m.job.best}, ask, key)
                        : copies.take(m.job.session_id, m.job.settings, m.job.base_commit,
                                      {m.job.baseline, m.job.best}, ask, key);
  if (!lane) return lane.error();
  auto job = m.job;
  job.directory = (*lane)->directory();
  auto compared = compare_measured(w, job, (*lane)->number(), key);
  if (!compared && compared.error().code == errc::workspace_failed)
    copies.distrust(m.job.session_id);
  return compared;
}

lease_worker_actor::behavior_type lease_worker(lease_worker_actor::pointer self, world w,
                                               std::shared_ptr<node_copies> copies,
                                               std::shared_ptr<object_source_actor> source) {
  auto& system = self->system();
  return {
      [=, &system](const run_on_worker& m) {
        return as_result(measure(w, *copies, requests_to(system, *source), m));
      },
      [=, &system](const compare_on_worker& m) {
        return as_result(compare(w, *copies, requests_to(system, *source), m));
      },
      [=](const release_session& m) {
        copies->release(m.session_id);
        return done{};
      },
  };
}

settler_actor::behavior_type settle_trees(settler_actor::pointer self,
                                          std::shared_ptr<node_copies> copies,
                                          std::shared_ptr<object_source_actor> source) {
  auto& system = self->system();
  return {[copies](const settle_a_tree&) { copies->settle_next(); },
          [copies, source, &system](const drop_ended_sessions&) {
            copies->drop_ended(requests_to(system, *source));
          }};
}

// -- the front ------------------------------------------------------------------------------------

void stop(worker_self self, std::int64_t lease) {
  self->state.pool->forget(std::to_string(lease));
  self->state.here.stops->cancel(stop_key(lease));
}

void leave(worker_self self, const std::string& why) {
  auto& s = self->state;
  spdlog::warn("this worker leaves the node: {}", why);
  for (const auto& [lease, session_id] : s.at_work) stop(self, lease);
  self->quit(caf::exit_reason::user_shutdown);
}

void leave_when_drained(worker_self self) {
  auto& s = self->state;
  if (!s.draining || !s.at_work.empty() || s.leaving) return;
  if (s.worker_id == 0) return self->quit(caf::exit_reason::normal);
  // The node answers this after it has the last result: the connection keeps their order.
  s.leaving = true;
  self->request(s.runner, join_timeout, worker_heartbeat{s.worker_id, {}})
      .then([self](const heartbeat_heard&) { self->quit(caf::exit_reason::normal); },
            [self](const caf::error& e) {
              leave(self, as_failure(e, "the node's experiment_runner").text);
            });
}

/// A signal to all processes of the worker reaches its own thread a moment later.
constexpr std::chrono::seconds signal_patience{1};

/// Ended by one of the signals that ask processes to end, or by a shell that was: the run, its
/// build or its check.
bool asked_to_end(const std::string& error) {
  const auto says = first_line(error);
  for (const char* how :
       {"killed by signal 1 ", "killed by signal 2 ", "killed by signal 9 ", "killed by signal 15 ",
        "exit code 129 ", "exit code 130 ", "exit code 137 ", "exit code 143 "})
    if (says.find(how) != says.npos) return true;
  return false;
}
bool asked_to_end(const run_result& r) { return r.error && asked_to_end(*r.error); }
bool asked_to_end(const comparison& c) { return asked_to_end(c.error); }

void answer_held(worker_self self, std::int64_t lease, bool lost) {
  auto found = self->state.held.extract(lease);
  if (!found.empty()) found.mapped()(lost);
}

void tell_at_work(worker_self self) {
  const auto& s = self->state;
  if (s.tell_at_work) s.tell_at_work(s.at_work.size());
}

template <class Answer, class Request>
caf::result<Answer> work(worker_self self, const Request& m) {
  auto& s = self->state;
  // Until then nobody has said where it finds objects.
  if (s.worker_id == 0)
    return as_error(fail(errc::worker_lost, "it was given a run before it had joined"));
  auto promise = self->template make_response_promise<Answer>();
  s.at_work[m.lease] = m.job.session_id;
  tell_at_work(self);
  s.here.stops->expect(stop_key(m.lease));
  auto over = [self, lease = m.lease] {
    self->state.at_work.erase(lease);
    tell_at_work(self);
    self->state.here.stops->forget(stop_key(lease));
    leave_when_drained(self);
  };
  s.pool->template hand<Answer>(
      std::to_string(m.lease), m, longest_step,
      [self, promise, over, lease = m.lease](Answer& a) mutable {
        if (!asked_to_end(a)) {
          promise.deliver(std::move(a));
          return over();
        }
        self->state.held[lease] = [promise, over, a](bool lost) mutable {
          if (lost)
            promise.deliver(as_error(fail(
                errc::worker_lost, "its worker was being ended, and the run with it by a signal")));
          else
            promise.deliver(std::move(a));
          over();
        };
        if (self->state.draining) return answer_held(self, lease, true);
        self->delayed_send(self, signal_patience, answer_after_all{lease});
      },
      [promise, over](const failure& why) mutable {
        promise.deliver(as_error(why));
        over();
      });
  return promise;
}

void hear(worker_self self, const heartbeat_heard& m) {
  auto& s = self->state;
  s.beating = false;
  s.heard = self->clock().now();
  if (!m.known) return leave(self, "the node does not know it any more");
  for (auto lease : m.stopped) stop(self, lease);
}

void beat(worker_self self) {
  auto& s = self->state;
  self->delayed_send(self, std::chrono::duration_cast<std::chrono::milliseconds>(s.lease / 5),
                     beat_now{});
  if (self->clock().now() - s.heard > s.lease)
    return leave(self, "the node has not answered for " +
                           std::to_string(static_cast<int>(s.lease.count())) + " s");
  if (!s.asked_what_is_over || self->clock().now() - *s.asked_what_is_over >= sessions_interval) {
    s.asked_what_is_over = self->clock().now();
    self->send(s.settler, drop_ended_sessions{});
  }
  if (s.beating) return;
  s.beating = true;
  worker_heartbeat news{s.worker_id, {}};
  for (const auto& [lease, session_id] : s.at_work)
    news.at_work.push_back({lease, s.here.output->last_line(session_id)});
  self->request(s.runner, caf::infinite, std::move(news))
      .then([self](const heartbeat_heard& m) { hear(self, m); },
            [self](const caf::error& e) {
              leave(self, as_failure(e, "the node's experiment_runner").text);
            });
}

/// Whoever does not know how this version joins will not learn it: asking again twice a second
/// would be all that came of it.
void stay_out(worker_self self, const caf::error& e) {
  auto why = as_failure(e, "the experiment_runner");
  if (e == caf::sec::unexpected_message || e == caf::sec::unexpected_response)
    why = fail(errc::invalid_argument,
               "the node does not understand how this worker joins: it is of another version of "
               "Ratchet; use the same one on both machines");
  if (why.code != errc::invalid_argument) return leave(self, "it could not join: " + why.text);
  self->quit(as_error(why));
}

void join(worker_self self, const worker_offer& offer) {
  auto& s = self->state;
  self->request(s.runner, join_timeout,
                join_runner{s.here.machine, offer.slots, program_version(), hive_protocol,
                            offer.ends_in_s},
                caf::actor_cast<remote_worker_actor>(self))
      .then(
          [self, told = offer.joined](const worker_joined& joined,
                                      const object_source_actor& source) {
            auto& st = self->state;
            st.worker_id = joined.worker_id;
            st.lease = seconds(std::clamp(joined.lease_s, 0.5, 3600.0));
            *st.source = source;
            st.heard = self->clock().now();
            told(joined);
            beat(self);
          },
          [self](const caf::error& e) { stay_out(self, e); });
}

void drain(worker_self self) {
  auto& s = self->state;
  if (s.draining) return;
  s.draining = true;
  spdlog::info("draining: {} runs are still at work", s.at_work.size());
  if (s.worker_id != 0) self->send(s.runner, drain_worker{s.worker_id});
  while (!s.held.empty()) answer_held(self, s.held.begin()->first, true);
  leave_when_drained(self);
}

}  // namespace

remote_worker_state::~remote_worker_state() {
  // CAF ends only once nobody holds a detached actor any more, and `copies` may live longer.
  if (copies) copies->on_given_back({});
  if (settler) caf::anon_send_exit(settler, caf::exit_reason::user_shutdown);
}

remote_worker_role::behavior_type remote_worker(worker_self self, world w,
                                                std::shared_ptr<node_copies> copies,
                                                experiment_runner_actor runner,
                                                worker_offer offer) {
  auto& s = self->state;
  s.here = std::move(w);
  s.copies = std::move(copies);
  s.runner = std::move(runner);
  s.tell_at_work = offer.at_work;
  s.pool = std::make_unique<worker_pool<worker_self, lease_worker_actor>>(
      self, "lease worker", static_cast<std::size_t>(offer.slots),
      [self, places = places_of(offer.slots, offer.devices, offer.processors)](int slot) {
        const auto& st = self->state;
        auto own = st.here;
        own.place = places.at(static_cast<std::size_t>(slot));
        return self->spawn<caf::detached>(lease_worker, std::move(own), st.copies, st.source);
      });
  s.settler = self->spawn<caf::detached>(settle_trees, s.copies, s.source);
  s.copies->on_given_back([settler = s.settler] { caf::anon_send(settler, settle_a_tree{}); });
  self->monitor(s.runner);
  self->set_down_handler([self](caf::down_msg& down) {
    if (self->state.pool->on_down(down)) return;
    leave(self, "the node is gone");
  });
  join(self, offer);
  return {
      [self](const run_on_worker& m) { return work<run_result>(self, m); },
      [self](const compare_on_worker& m) { return work<comparison>(self, m); },
      [self](const stop_lease& m) { stop(self, m.lease); },
      [self](const release_session& m) {
        self->state.pool->hand<done>(
            "release", m, longest_step, [](done&) {}, [](const failure&) {});
      },
      [self](const drain_worker&) { drain(self); },
      [self](const beat_now&) { beat(self); },
      [self](const answer_after_all& m) { answer_held(self, m.lease, self->state.draining); },
  };
}

}  // namespace ratchet
