// SPDX-License-Identifier: MIT
#include "actors/run_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/experiment_runner.hpp"
#include "actors/logic/candidate_plan.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "actors/logic/told_result.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

board_job job_of(const run_experiment& m) {
  board_job job;
  job.session_id = m.session_id;
  job.requirements = m.settings->requirements;
  job.local_only = m.settings->workspace == workspace_kind::in_place;
  job.beside = m.beside;
  job.home_only = m.home_only;
  job.home_class = m.home_class;
  job.incumbent = m.incumbent;
  job.compares = m.iteration > 0 && m.best_metric.has_value();
  for (const auto& [machine, metric] : m.class_best) job.known_classes.insert(machine);
  job.needs_s = least_time_s(m);
  return job;
}

board_job job_of(const compare_commits& m) {
  board_job job;
  job.session_id = m.session_id;
  job.requirements = m.settings->requirements;
  job.local_only = m.settings->workspace == workspace_kind::in_place;
  job.needs_s = 2.0 * m.pairs * m.settings->time_budget_s;
  return job;
}

/// What a worker without the program, or without what its build needs, answers for every candidate;
/// and for the best code, which has run somewhere. Of the code that a session begins with, whose
/// failure would end it, any failure is.
bool may_be_the_machine(const run_result& r, bool is_baseline) {
  if (!r.error) return false;
  if (is_baseline) return true;
  const auto says = first_line(*r.error);
  return r.failed_at == "build" || says.find("exit code 126 (") != says.npos ||
         says.find("exit code 127 (") != says.npos ||
         std::any_of(r.samples.begin(), r.samples.end(),
                     [](const auto& s) { return s.incumbent && !s.failed.empty(); });
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
  runs_.emplace(job.id, open_run{job, request, promise, now()});
  board_.add(std::move(job));
  serve();
  return promise;
}

caf::result<run_result> run_desk::run(const run_experiment& m) {
  auto job = job_of(m);
  if (!board_.can_ever_run(job)) {
    const std::string wanted =
        m.settings->requirements.empty() ? "a free slot" : listed(m.settings->requirements);
    if (m.iteration == 0 && board_.has_machines() &&
        (job.local_only || !board_.has_machine_with(job.requirements)))
      return as_error(fail(
          errc::invalid_argument,
          "requirements: no machine that is here has " + wanted +
              "; `ratchet --join FILE workers` lists them, `ratchet --join FILE worker` adds one",
          json{{"field", "requirements"}}));
    spdlog::warn("session {}: iteration {} waits for a machine with {}", m.session_id, m.iteration,
                 wanted);
    // What is shown of a run at work, until there is one.
    world_.output->consume(m.session_id, "waits for a machine with " + one_line(wanted) +
                                             ": `ratchet --join FILE worker` adds one\n");
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
  count_down();
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
    return start_there<run_result>(s, run_on_worker{0, job}, job);
  }
  if (auto* m = std::get_if<compare_commits>(&run.request)) {
    if (s.worker_id == 0) return start_here(s, *m);
    return start_there<comparison>(s, compare_on_worker{0, *m}, {});
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
void run_desk::start_there(const board_start& s, Request request, run_experiment sent) {
  const auto id = ++last_lease_;
  request.lease = id;
  auto& worker = workers_.at(s.worker_id);
  const auto longest = std::chrono::duration<double>(std::min(
      longest_answer_s(request.job, !worker.measured.contains(s.job.session_id)), 30 * 86'400.0));
  leases_[id] = {s.job.id, s.worker_id, now() + world_.lease_time,
                 now() + std::chrono::ceil<std::chrono::seconds>(longest), std::move(sent)};
  spdlog::debug("session {}: run {} goes to worker {} under lease {}", s.job.session_id, s.job.id,
                s.worker_id, id);
  // The lease ends it, or the answer.
  self_->request(workers_.at(s.worker_id).handle, caf::infinite, std::move(request))
      .then(
          [this, id](const Answer& a) {
            const auto held = take_lease(id);
            if (!held) return;  // too late: another one has this run
            if constexpr (std::is_same_v<Answer, run_result>) {
              take_told(*held, a);
            } else {
              ++workers_.at(held->worker_id).runs;
              answer(held->job_id, believed(a));
            }
          },
          [this, id](const caf::error& error) {
            const auto held = take_lease(id);
            if (!held) return;
            const auto job = runs_.at(held->job_id).job;
            auto why =
                as_failure(error, "worker " + board_.workers().at(held->worker_id).machine.name);
            why.text = one_line(why.text.substr(0, 4'000), 1'000);
            const bool may_be_the_code = why.code == errc::baseline_failed;
            if (why.code == errc::cancelled || (may_be_the_code && !in_doubt(*held)))
              return refuse(held->job_id, why);
            // The laboratory there failed (a full disk, a lost connection): another may do better.
            fails(held->worker_id, why.text);
            if (may_be_the_code) return confirm_elsewhere(*held);
            board_.end(held->job_id, std::nullopt);
            lost(job, held->worker_id, why.text);
            serve();
          });
}

/// Whether an answer that may be the machine's doing, not the candidate's, is to be confirmed.
bool run_desk::in_doubt(const lease& held) const {
  const auto& run = runs_.at(held.job_id);
  if (run.answered || run.doubted != 0 ||
      workers_.at(held.worker_id).measured.contains(run.job.session_id))
    return false;
  auto job = run.job;
  job.failed_at.insert(held.worker_id);
  return board_.can_run_elsewhere(job);
}

void run_desk::confirm_elsewhere(const lease& held) {
  auto& run = runs_.at(held.job_id);
  run.doubted = held.worker_id;
  run.job.failed_at.insert(held.worker_id);
  auto job = run.job;
  board_.end(held.job_id, std::nullopt);
  board_.add_again(std::move(job));
  serve();
}

void run_desk::take_told(const lease& held, run_result told) {
  const auto& w = board_.workers().at(held.worker_id);
  auto& worker = workers_.at(held.worker_id);
  told = believed(std::move(told), held.sent, w.machine_class);
  told.worker = w.machine.name;
  told.environment = environment_difference(world_.machine, w.machine);
  auto& run = runs_.at(held.job_id);
  if (may_be_the_machine(told, held.sent.iteration == 0)) {
    if (in_doubt(held)) {
      fails(held.worker_id, first_line(*told.error));
      return confirm_elsewhere(held);
    }
    // Two machines say so: it is the candidate's failure, and the first one was right.
    well(run.doubted);
  } else if (told.metric_value) {
    worker.measured.insert(run.job.session_id);
  }
  well(held.worker_id);
  ++worker.runs;
  answer(held.job_id, told);
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

void run_desk::lost(board_job job, std::int64_t worker_id, const std::string& how) {
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
  job.failed_at.insert(worker_id);
  it->second.job = job;
  board_.add_again(std::move(job));
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
  for (auto& [id, worker] : workers_) {
    worker.measured.erase(m.session_id);
    self_->send(worker.handle, m);
  }
}

}  // namespace ratchet
