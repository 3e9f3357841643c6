// SPDX-License-Identifier: MIT
//
// The desk's workers: who has joined, who is well, whose leases have run out.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "actors/run_desk.hpp"
#include "messages/type_ids.hpp"
#include "messages/version.hpp"

namespace ratchet {

namespace {

constexpr int failures_before_rest = 3;
constexpr std::chrono::seconds first_rest{5}, longest_rest{300}, longest_unlooked{2};

std::chrono::seconds rest_after(int failures) {
  if (failures < failures_before_rest) return std::chrono::seconds(0);
  const int doublings = std::min(failures - failures_before_rest, 10);
  return std::min(first_rest * (1 << doublings), longest_rest);
}

}  // namespace

void run_desk::well(std::int64_t worker_id) {
  auto it = workers_.find(worker_id);
  if (it == workers_.end()) return;
  it->second.failures = 0;
  board_.failing(worker_id, false);
  board_.rest(worker_id, false);
}

void run_desk::fails(std::int64_t worker_id, const std::string& how) {
  auto it = workers_.find(worker_id);
  if (it == workers_.end()) return;
  auto& worker = it->second;
  worker.last_failure = one_line(how, 300);
  board_.failing(worker_id, true);
  const auto rest = rest_after(++worker.failures);
  if (rest.count() == 0) return;
  spdlog::warn("worker {} could not make {} runs in a row and rests for {} s: {}",
               one_line(board_.workers().at(worker_id).machine.name), worker.failures, rest.count(),
               worker.last_failure);
  worker.rests_until = now() + rest;
  board_.rest(worker_id, true);
}

void run_desk::wake_rested() {
  for (const auto& [id, worker] : workers_)
    if (board_.workers().at(id).resting && now() >= worker.rests_until) board_.rest(id, false);
}

void run_desk::count_down() {
  for (const auto& [id, worker] : workers_)
    if (worker.until)
      board_.ends_in(id, std::chrono::duration<double>(*worker.until - now()).count());
}

/// Two workers of one host, say: people have to tell them apart.
std::string run_desk::free_name(const std::string& wanted) const {
  auto taken = [this](const std::string& name) {
    return std::any_of(board_.workers().begin(), board_.workers().end(), [&](const auto& entry) {
      return (entry.first != 0 || entry.second.slots > 0) && entry.second.machine.name == name;
    });
  };
  std::string name = wanted;
  for (int n = 2; taken(name); ++n) name = wanted + "-" + std::to_string(n);
  return name;
}

caf::result<worker_joined, object_source_actor> run_desk::join(const join_runner& m,
                                                               const remote_worker_actor& worker) {
  if (m.slots < 1 || m.slots > 1024)
    return as_error(fail(errc::invalid_argument,
                         "slots: " + std::to_string(m.slots) + " is not from 1 to 1024",
                         json{{"field", "slots"}}));
  if (m.protocol.value_or(1) != hive_protocol)
    return as_error(
        fail(errc::invalid_argument,
             "the node is Ratchet " + std::string(program_version()) + " (protocol " +
                 std::to_string(hive_protocol) + ") and this worker " +
                 (m.program.empty() ? std::string("an older one") : one_line(m.program, 40)) +
                 " (protocol " + std::to_string(m.protocol.value_or(1)) +
                 "), which do not understand each other; install the same version on both machines",
             json{{"field", "protocol"}}));
  if (!source_) source_ = spawn_source_();
  auto promise = self_->make_response_promise<worker_joined, object_source_actor>();
  const auto id = ++last_worker_;
  self_->monitor(worker);
  auto& joined = workers_[id] = {worker, now(), one_line(m.program, 40)};
  if (m.ends_in_s)
    joined.until = now() + std::chrono::duration_cast<clock_time::duration>(
                               std::chrono::duration<double>(std::clamp(*m.ends_in_s, 0.0, 1e9)));
  auto machine = m.machine;
  machine.name = free_name(machine.name);
  board_.join(id, machine, m.slots);
  spdlog::info("worker {} has joined with {} slots: {}", one_line(machine.name), m.slots,
               one_line(machine_class(machine)));
  schedule_look();
  // The answer first: runs that wait for a machine are on their way to it the next moment.
  worker_joined answer{
      id, std::chrono::duration<double>(world_.lease_time).count(), program_version(), {}};
  if (machine.name != m.machine.name) answer.name = machine.name;
  promise.deliver(std::move(answer), source_);
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
      row.program = joined->second.program;
      if (joined->second.until)
        row.ends_in_s =
            std::max(0.0, std::chrono::duration<double>(*joined->second.until - now()).count());
      row.failures = joined->second.failures;
      row.last_failure = joined->second.last_failure;
      if (w.resting)
        row.rests_s = std::max(
            0.0, std::chrono::duration<double>(joined->second.rests_until - now()).count());
    }
    all.workers.push_back(std::move(row));
  }
  all.waiting = waiting();
  return all;
}

/// The queue as whoever starts machines has to know it.
std::vector<waiting_runs> run_desk::waiting() const {
  std::map<std::vector<std::string>, waiting_runs> by_requirement;
  for (const auto& job : board_.waiting()) {
    auto& row = by_requirement[job.requirements];
    row.requirements = job.requirements;
    ++row.runs;
    row.oldest_s = std::max(row.oldest_s,
                            std::chrono::duration<double>(now() - runs_.at(job.id).since).count());
  }
  std::vector<waiting_runs> rows;
  rows.reserve(by_requirement.size());
  for (auto& [requirements, row] : by_requirement) rows.push_back(std::move(row));
  return rows;
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
  for (auto& job : board_.leave(worker_id)) lost(std::move(job), worker_id, how);
  serve();
}

void run_desk::on_down(const caf::down_msg& down) {
  for (const auto& [id, worker] : workers_) {
    if (caf::actor_cast<caf::actor_addr>(worker.handle) != down.source) continue;
    return lose_worker(id, "its connection or its process has ended");
  }
}

/// The run goes to another worker; whatever this one still answers is ignored.
void run_desk::end_lease(std::int64_t id, const std::string& how) {
  const auto l = *take_lease(id);
  auto& worker = workers_.at(l.worker_id);
  ++worker.lost;
  self_->send(worker.handle, stop_lease{id});
  auto job = runs_.at(l.job_id).job;
  board_.end(l.job_id, std::nullopt);
  lost(std::move(job), l.worker_id,
       "its worker " + board_.workers().at(l.worker_id).machine.name + " " + how);
}

void run_desk::look_at_leases() {
  look_scheduled_ = false;
  wake_rested();
  std::vector<std::int64_t> silent;
  for (const auto& [id, worker] : workers_)
    if (now() - worker.heard > world_.lease_time) silent.push_back(id);
  for (auto id : silent)
    lose_worker(id,
                "nothing was heard of it for " + std::to_string(world_.lease_time.count()) + " s");
  std::vector<std::int64_t> over, late;
  for (const auto& [id, l] : leases_)
    if (now() > l.until)
      over.push_back(id);
    else if (now() > l.deadline)
      late.push_back(id);
  for (auto id : over) end_lease(id, "no longer speaks of it");
  for (auto id : late) {
    fails(leases_.at(id).worker_id, "it has not answered in the time that its runs may take");
    end_lease(id, "has not answered in the time that its runs may take");
  }
  serve();
  schedule_look();
}

void run_desk::schedule_look() {
  if (workers_.empty() || look_scheduled_) return;
  look_scheduled_ = true;
  // Who rests is woken by it too.
  const auto soon = std::min<std::chrono::milliseconds>(world_.lease_time / 5, longest_unlooked);
  self_->delayed_send(self_, soon, look_at_leases_now{});
}

}  // namespace ratchet
