// SPDX-License-Identifier: MIT
#include "actors/logic/run_board.hpp"

#include <algorithm>
#include <utility>

#include "actors/logic/requirements.hpp"

namespace ratchet {

namespace {
constexpr std::int64_t nobody = -1;
}

run_board::run_board(const machine_facts& here, int slots) { join(0, here, slots); }

void run_board::join(std::int64_t worker_id, const machine_facts& machine, int slots) {
  workers_[worker_id] = {machine, machine_class(machine), slots};
}

void run_board::drain(std::int64_t worker_id) {
  if (auto it = workers_.find(worker_id); it != workers_.end()) it->second.draining = true;
}

void run_board::failing(std::int64_t worker_id, bool fails) {
  if (auto it = workers_.find(worker_id); it != workers_.end()) it->second.failing = fails;
}

void run_board::rest(std::int64_t worker_id, bool rests) {
  if (auto it = workers_.find(worker_id); it != workers_.end()) it->second.resting = rests;
}

void run_board::ends_in(std::int64_t worker_id, double seconds) {
  if (auto it = workers_.find(worker_id); it != workers_.end()) it->second.left_s = seconds;
}

std::vector<board_job> run_board::leave(std::int64_t worker_id) {
  std::vector<board_job> lost;
  for (const auto& [id, run] : at_work_)
    if (run.worker_id == worker_id) lost.push_back(run.job);
  for (const auto& job : lost) end(job.id, std::nullopt);
  workers_.erase(worker_id);
  return lost;
}

void run_board::add(board_job job) { waiting_.push_back(std::move(job)); }
void run_board::add_again(board_job job) { waiting_.push_front(std::move(job)); }

bool run_board::class_is_there(const std::string& machine_class) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
    const auto& w = entry.second;
    return w.slots > 0 && !w.draining && w.machine_class == machine_class;
  });
}

bool run_board::may_take(const board_job& job, std::int64_t id, const worker_state& w) const {
  if (w.slots == 0 || w.draining) return false;
  if (w.left_s && *w.left_s < job.needs_s) return false;
  if (job.local_only) return id == 0;
  if (!meets_all(w.machine, job.requirements)) return false;
  return !job.home_only || w.machine_class == job.home_class || !class_is_there(job.home_class);
}

bool run_board::knows_incumbent(const board_job& job, const worker_state& w) const {
  return !job.compares || job.home_class.empty() || w.machine_class == job.home_class ||
         job.known_classes.count(w.machine_class) > 0 ||
         incumbents_.count({job.session_id, job.incumbent, w.machine_class}) > 0;
}

std::int64_t run_board::best_worker(const board_job& job) const {
  std::int64_t best = nobody;
  std::tuple<bool, bool, bool, int> best_rank;
  const bool elsewhere = !job.failed_at.empty() && can_run_elsewhere(job);
  for (const auto& [id, w] : workers_) {
    if (w.busy >= w.slots || w.resting || !may_take(job, id, w)) continue;
    if (elsewhere && job.failed_at.contains(id)) continue;
    const bool known = knows_incumbent(job, w);
    if (!known && measuring_.count({job.session_id, job.incumbent, w.machine_class}) > 0) continue;
    const bool at_home = job.home_class.empty() ? id == 0 : w.machine_class == job.home_class;
    const std::tuple rank{at_home, known, !w.failing, w.slots - w.busy};
    if (best != nobody && rank <= best_rank) continue;
    best = id;
    best_rank = rank;
  }
  return best;
}

int run_board::free_lane(const board_job& job) const {
  std::set<int> taken;
  for (const auto& [id, run] : at_work_)
    if (run.worker_id == 0 && run.job.session_id == job.session_id) taken.insert(run.lane);
  int lane = job.beside ? 1 : 0;
  while (taken.count(lane) > 0) ++lane;
  return lane;
}

board_start run_board::start(const board_job& job, std::int64_t worker_id) {
  auto& w = workers_.at(worker_id);
  const int lane = worker_id == 0 ? free_lane(job) : 0;
  if (!knows_incumbent(job, w))
    measuring_[{job.session_id, job.incumbent, w.machine_class}] = job.id;
  ++w.busy;
  at_work_[job.id] = {job, worker_id, lane};
  return {job, worker_id, lane};
}

std::optional<board_start> run_board::next() {
  // The usual end of a round of questions: not asked again for each run that waits.
  const bool any_free = std::any_of(workers_.begin(), workers_.end(), [](const auto& entry) {
    const auto& w = entry.second;
    return w.busy < w.slots && !w.draining && !w.resting;
  });
  if (!any_free) return std::nullopt;
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    const auto worker_id = best_worker(*it);
    if (worker_id == nobody) continue;
    auto job = std::move(*it);
    waiting_.erase(it);
    return start(job, worker_id);
  }
  return std::nullopt;
}

void run_board::end(std::int64_t job_id, const std::optional<double>& incumbent_metric) {
  auto it = at_work_.find(job_id);
  if (it == at_work_.end()) return;
  auto& w = workers_.at(it->second.worker_id);
  const auto& job = it->second.job;
  const incumbent_key key{job.session_id, job.incumbent, w.machine_class};
  if (auto m = measuring_.find(key); m != measuring_.end() && m->second == job_id)
    measuring_.erase(m);
  if (incumbent_metric) incumbents_[key] = *incumbent_metric;
  --w.busy;
  at_work_.erase(it);
}

std::vector<board_job> run_board::take_waiting(const std::string& session_id) {
  std::vector<board_job> taken;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (it->session_id != session_id) {
      ++it;
      continue;
    }
    taken.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  return taken;
}

void run_board::forget(const std::string& session_id) {
  std::erase_if(incumbents_,
                [&](const auto& entry) { return std::get<0>(entry.first) == session_id; });
}

std::optional<double> run_board::incumbent_on(const board_job& job, std::int64_t worker_id) const {
  auto w = workers_.find(worker_id);
  if (w == workers_.end()) return std::nullopt;
  auto it = incumbents_.find({job.session_id, job.incumbent, w->second.machine_class});
  if (it == incumbents_.end()) return std::nullopt;
  return it->second;
}

bool run_board::has_machines() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& entry) {
    return entry.second.slots > 0 && !entry.second.draining;
  });
}

bool run_board::has_machine_with(const std::vector<std::string>& requirements) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
    const auto& w = entry.second;
    return w.slots > 0 && !w.draining && meets_all(w.machine, requirements);
  });
}

bool run_board::can_run_elsewhere(const board_job& job) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
    return !job.failed_at.contains(entry.first) && may_take(job, entry.first, entry.second);
  });
}

bool run_board::can_ever_run(const board_job& job) const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [&](const auto& entry) { return may_take(job, entry.first, entry.second); });
}

}  // namespace ratchet
