// SPDX-License-Identifier: MIT
#include "actors/run_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/experiment_runner.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

board_job job_of(const run_experiment& m) {
  board_job job;
  job.session_id = m.session_id;
  job.requirements = m.settings->requirements;
  job.local_only = m.settings->workspace == workspace_kind::in_place;
  job.home_only = m.home_only;
  job.home_class = m.home_class;
  job.incumbent = m.incumbent;
  job.compares = m.iteration > 0 && m.best_metric.has_value();
  for (const auto& [machine, metric] : m.class_best) job.known_classes.insert(machine);
  return job;
}

board_job job_of(const compare_commits& m) {
  board_job job;
  job.session_id = m.session_id;
  job.requirements = m.settings->requirements;
  job.local_only = m.settings->workspace == workspace_kind::in_place;
  return job;
}

}  // namespace

run_desk::run_desk(experiment_runner_self self, world w, std::size_t slots, run_desk_helpers spawn)
    : self_(self),
      world_(std::move(w)),
      board_(world_.machine, static_cast<int>(slots)),
      pool_(self, "run worker", slots, std::move(spawn.worker)),
      spawn_source_(std::move(spawn.source)) {
  self->set_down_handler([this](caf::down_msg& down) {
    if (!pool_.on_down(down)) on_down(down);
  });
  self->set_exit_handler([this](caf::exit_msg& exit) { leave(exit.reason); });
}

run_desk::~run_desk() {
  if (source_) caf::anon_send_exit(source_, caf::exit_reason::user_shutdown);
}

void run_desk::leave(const caf::error& why) {
  for (const auto& [id, run] : runs_) world_.stops->cancel(run.job.session_id);
  auto all = pool_.workers();
  if (source_) all.push_back(caf::actor_cast<caf::actor>(source_));
  quit_after(self_, all, why);
}

run_desk::clock_time run_desk::now() const { return self_->clock().now(); }

// -- runs -----------------------------------------------------------------------------------------

template <class Answer, class Request>
caf::result<Answer> run_desk::accept(board_job job, const Request& request) {
  auto promise = self_->make_response_promise<Answer>();
  job.id = ++last_job_;
  world_.stops->expect(job.session_id);
  runs_.emplace(job.id, open_run{job, request, promise});
  board_.add(std::move(job));
  serve();
  return promise;
}

caf::result<run_result> run_desk::run(const run_experiment& m) {
  auto job = job_of(m);
  if (!board_.can_ever_run(job)) {
    const std::string wanted =
        m.settings->requirements.empty() ? "a free slot" : listed(m.settings->requirements);
    if (m.iteration == 0)
      return as_error(fail(
          errc::invalid_argument,
          "requirements: no machine that is here has " + wanted +
              "; `ratchet --join FILE workers` lists them, `ratchet --join FILE worker` adds one",
          json{{"field", "requirements"}}));
    spdlog::warn("session {}: iteration {} waits for a machine with {}", m.session_id, m.iteration,
                 wanted);
  }
  return accept<run_result>(std::move(job), m);
}

caf::result<comparison> run_desk::compare(const compare_commits& m) {
  return accept<comparison>(job_of(m), m);
}

caf::result<done> run_desk::set_up(const run_setup& m) {
  // Nothing will ever run in this node's work trees; workers see to their own.
  if (board_.workers().at(0).slots == 0) return done{};
  board_job job;
  job.session_id = m.session_id;
  job.local_only = true;
  return accept<done>(std::move(job), m);
}

void run_desk::serve() {
  while (auto s = board_.next()) start(*s);
}

void run_desk::start(const board_start& s) {
  auto& run = runs_.at(s.job.id);
  if (auto* m = std::get_if<run_experiment>(&run.request)) {
    auto job = *m;
    if (auto known = board_.incumbent_on(s.job, s.worker_id))
      job.class_best[board_.workers().at(s.worker_id).machine_class] = *known;
    job.lane = s.lane;
    if (s.worker_id == 0) return start_here(s, std::move(job));
    return start_there<run_result>(s, run_on_worker{0, std::move(job)});
  }
  if (auto* m = std::get_if<compare_commits>(&run.request)) {
    if (s.worker_id == 0) return start_here(s, *m);
    return start_there<comparison>(s, compare_on_worker{0, *m});
  }
  start_here(s, std::get<run_setup>(run.request));
}

template <class Request>
void run_desk::start_here(const board_start& s, Request request) {
  using answer_type = std::conditional_t<
      std::is_same_v<Request, run_experiment>, run_result,
      std::conditional_t<std::is_same_v<Request, compare_commits>, comparison, done>>;
  spdlog::debug("session {}: run {} starts here, in lane {}", s.job.session_id, s.job.id, s.lane);
  pool_.hand<answer_type>(
      s.job.session_id, std::move(request), longest_step,
      [this, id = s.job.id](answer_type& a) { answer(id, a); },
      [this, id = s.job.id](const failure& why) { refuse(id, why); });
}

template <class Answer, class Request>
void run_desk::start_there(const board_start& s, Request request) {
  const auto id = ++last_lease_;
  request.lease = id;
  leases_[id] = {s.job.id, s.worker_id, now() + world_.lease_time};
  spdlog::debug("session {}: run {} goes to worker {} under lease {}", s.job.session_id, s.job.id,
                s.worker_id, id);
  // The lease ends it, or the answer; CAF's own limit only has to be longer than either.
  self_->request(workers_.at(s.worker_id).handle, longest_step, std::move(request))
      .then(
          [this, id](const Answer& a) {
            const auto held = take_lease(id);
            if (!held) return;  // too late: another one has this run
            const auto [job_id, worker_id, until] = *held;
            ++workers_.at(worker_id).runs;
            if constexpr (std::is_same_v<Answer, run_result>) {
              run_result told = a;
              const auto& w = board_.workers().at(worker_id);
              told.machine = w.machine_class;
              told.worker = w.machine.name;
              told.environment = environment_difference(world_.machine, w.machine);
              answer(job_id, told);
            } else {
              answer(job_id, a);
            }
          },
          [this, id](const caf::error& error) {
            const auto held = take_lease(id);
            if (!held) return;
            const auto [job_id, worker_id, until] = *held;
            auto why = as_failure(error, "worker " + board_.workers().at(worker_id).machine.name);
            if (why.code == errc::cancelled || why.code == errc::baseline_failed)
              return refuse(job_id, why);
            // The laboratory there failed (a full disk, a lost connection): another may do better.
            const auto job = runs_.at(job_id).job;
            board_.end(job_id, std::nullopt);
            lost(job, why.text);
            serve();
          });
}

std::optional<run_desk::lease> run_desk::take_lease(std::int64_t id) {
  auto it = leases_.find(id);
  if (it == leases_.end()) return std::nullopt;
  const auto held = it->second;
  leases_.erase(it);
  // What its heartbeats told of the output is of no run any more.
  world_.output->end(runs_.at(held.job_id).job.session_id);
  return held;
}

template <class Answer>
void run_desk::answer(std::int64_t job_id, const Answer& a) {
  auto it = runs_.find(job_id);
  if (it == runs_.end()) return;
  auto run = std::move(it->second);
  runs_.erase(it);
  std::optional<double> incumbent;
  if constexpr (std::is_same_v<Answer, run_result>) incumbent = a.incumbent_metric;
  board_.end(job_id, incumbent);
  if (!run.answered) std::get<caf::typed_response_promise<Answer>>(run.promise).deliver(a);
  serve();
}

void run_desk::refuse(std::int64_t job_id, const failure& why) {
  auto it = runs_.find(job_id);
  if (it == runs_.end()) return;
  auto run = std::move(it->second);
  runs_.erase(it);
  board_.end(job_id, std::nullopt);
  if (!run.answered)
    std::visit([&](auto& promise) { promise.deliver(as_error(why)); }, run.promise);
  serve();
}

void run_desk::lost(const board_job& job, const std::string& how) {
  auto it = runs_.find(job.id);
  if (it == runs_.end()) return;
  if (it->second.answered) {
    runs_.erase(it);
    return;
  }
  if (++it->second.losses >= max_losses)
    return refuse(job.id, fail(errc::worker_lost,
                               "the run was lost with its worker " + std::to_string(max_losses) +
                                   " times, the last time because " + how +
                                   "; look at what it does there, then call again"));
  spdlog::warn("session {}: a run is given to another machine: {}", job.session_id, how);
  board_.add_again(job);
}

void run_desk::stop(const std::string& session_id) {
  const auto cancelled = fail(errc::cancelled, "cancelled before it was begun");
  for (const auto& job : board_.take_waiting(session_id)) refuse(job.id, cancelled);
  world_.stops->cancel(session_id);
  for (const auto& [id, l] : leases_) {
    auto& run = runs_.at(l.job_id);
    if (run.job.session_id != session_id || run.answered) continue;
    self_->send(workers_.at(l.worker_id).handle, stop_lease{id});
    run.answered = true;  // whatever becomes of the worker, nobody waits for it
    std::visit(
        [](auto& promise) {
          promise.deliver(as_error(fail(errc::cancelled, "the run was cancelled")));
        },
        run.promise);
  }
}

void run_desk::release(const release_session& m) {
  board_.forget(m.session_id);
  world_.lanes->forget(m.session_id);
  world_.stops->forget(m.session_id);
  for (const auto& [id, worker] : workers_) self_->send(worker.handle, m);
}

// -- workers --------------------------------------------------------------------------------------

caf::result<worker_joined, object_source_actor> run_desk::join(const join_runner& m,
                                                               const remote_worker_actor& worker) {
  if (m.slots < 1 || m.slots > 1024)
    return as_error(fail(errc::invalid_argument,
                         "slots: " + std::to_string(m.slots) + " is not from 1 to 1024",
                         json{{"field", "slots"}}));
  if (!source_) source_ = spawn_source_();
  auto promise = self_->make_response_promise<worker_joined, object_source_actor>();
  const auto id = ++last_worker_;
  self_->monitor(worker);
  workers_[id] = {worker, now()};
  board_.join(id, m.machine, m.slots);
  spdlog::info("worker {} has joined with {} slots: {}", one_line(m.machine.name), m.slots,
               one_line(machine_class(m.machine)));
  schedule_look();
  // The answer first: runs that wait for a machine are on their way to it the next moment.
  promise.deliver(worker_joined{id, std::chrono::duration<double>(world_.lease_time).count()},
                  source_);
  serve();
  return promise;
}

heartbeat_heard run_desk::hear(const worker_heartbeat& m) {
  auto it = workers_.find(m.worker_id);
  if (it == workers_.end()) return {false, {}};
  it->second.heard = now();
  heartbeat_heard heard;
  for (const auto& news : m.at_work) {
    auto l = leases_.find(news.lease);
    if (l == leases_.end() || l->second.worker_id != m.worker_id) {
      heard.stopped.push_back(news.lease);
      continue;
    }
    l->second.until = now() + world_.lease_time;
    const auto& run = runs_.at(l->second.job_id);
    if (run.answered) heard.stopped.push_back(news.lease);
    if (!news.last_line.empty()) world_.output->consume(run.job.session_id, news.last_line + "\n");
  }
  return heard;
}

void run_desk::drain(std::int64_t worker_id) { board_.drain(worker_id); }

worker_list run_desk::list() const {
  worker_list all;
  for (const auto& [id, w] : board_.workers()) {
    worker_row row{id, w.machine, w.slots, w.busy, w.draining, 0, 0, 0};
    if (auto joined = workers_.find(id); joined != workers_.end()) {
      row.runs = joined->second.runs;
      row.lost = joined->second.lost;
      row.last_heard_s = std::chrono::duration<double>(now() - joined->second.heard).count();
    }
    all.workers.push_back(std::move(row));
  }
  return all;
}

void run_desk::lose_worker(std::int64_t worker_id, const std::string& how) {
  auto it = workers_.find(worker_id);
  if (it == workers_.end()) return;
  spdlog::warn("worker {} is gone: {}", one_line(board_.workers().at(worker_id).machine.name), how);
  std::vector<std::int64_t> held;
  for (const auto& [id, l] : leases_)
    if (l.worker_id == worker_id) held.push_back(id);
  for (auto id : held) take_lease(id);
  self_->demonitor(caf::actor_cast<caf::actor_addr>(it->second.handle));
  workers_.erase(it);
  for (const auto& job : board_.leave(worker_id)) lost(job, how);
  serve();
}

void run_desk::on_down(const caf::down_msg& down) {
  for (const auto& [id, worker] : workers_) {
    if (caf::actor_cast<caf::actor_addr>(worker.handle) != down.source) continue;
    return lose_worker(id, "its connection or its process has ended");
  }
}

void run_desk::look_at_leases() {
  look_scheduled_ = false;
  std::vector<std::int64_t> silent;
  for (const auto& [id, worker] : workers_)
    if (now() - worker.heard > world_.lease_time) silent.push_back(id);
  for (auto id : silent)
    lose_worker(id,
                "nothing was heard of it for " + std::to_string(world_.lease_time.count()) + " s");
  std::vector<std::int64_t> over;
  for (const auto& [id, l] : leases_)
    if (now() > l.until) over.push_back(id);
  for (auto id : over) {
    const auto l = *take_lease(id);
    auto& worker = workers_.at(l.worker_id);
    ++worker.lost;
    self_->send(worker.handle, stop_lease{id});
    const auto job = runs_.at(l.job_id).job;
    board_.end(l.job_id, std::nullopt);
    lost(job,
         "its worker " + board_.workers().at(l.worker_id).machine.name + " no longer speaks of it");
  }
  if (!over.empty()) serve();
  schedule_look();
}

void run_desk::schedule_look() {
  if (workers_.empty() || look_scheduled_) return;
  look_scheduled_ = true;
  self_->delayed_send(self_, world_.lease_time / 5, look_at_leases_now{});
}

}  // namespace ratchet
