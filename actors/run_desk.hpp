// SPDX-License-Identifier: MIT
//
// What the experiment_runner does with what logic/run_board decides: hands runs to this node's run
// workers and, under leases, to workers on other machines; and sees that every run is answered
// exactly once, however machines and connections end.
//
// A lease lasts `world::lease_time` and is prolonged by each heartbeat that names it. When it runs
// out, or the worker's connection ends, the run goes to the front of the queue; what the lost
// worker answers later belongs to no lease and is ignored. A run that has lost its worker
// `max_losses` times is answered with `worker_lost`: it may be what ends them.
//
// A lease also ends when the worker has had longer than all its runs may take
// (logic/candidate_plan.hpp), however well it beats. A run goes back to a worker that could not
// make it only if no other machine meets its requirements; a worker that could not make three in a
// row rests for 5 s, then 10, 20 … 300. What the program's absence or a build that does not work
// there looks like is confirmed on another machine before it is the candidate's failure, until the
// worker has measured something of the session. What is answered is believed within bounds
// (logic/told_result.hpp).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "actors/logic/run_board.hpp"
#include "actors/work/world.hpp"
#include "actors/worker_pool.hpp"
#include "messages/actors.hpp"

namespace ratchet {

using run_worker_actor = caf::typed_actor<asks<run_experiment, run_result>,
                                          asks<compare_commits, comparison>, asks<run_setup, done>>;

/// The runner's note to itself: look whether leases have run out.
struct look_at_leases_now {};

}  // namespace ratchet

RATCHET_PRIVATE_MESSAGE(ratchet::look_at_leases_now)

namespace ratchet {

using experiment_runner_role = experiment_runner_actor::extend<tells<look_at_leases_now>>;
class run_desk;
struct experiment_runner_state {
  static inline const char* name = "experiment_runner";
  std::unique_ptr<run_desk> desk;
};
using experiment_runner_self = experiment_runner_role::stateful_pointer<experiment_runner_state>;

inline constexpr int max_losses = 3;

/// How the desk gets the actors that block for it.
struct run_desk_helpers {
  std::function<run_worker_actor(int slot)> worker;
  std::function<object_source_actor()> source;
};

class run_desk {
 public:
  run_desk(experiment_runner_self self, world w, std::size_t slots, run_desk_helpers spawn);
  ~run_desk();
  run_desk(const run_desk&) = delete;
  run_desk& operator=(const run_desk&) = delete;

  caf::result<run_result> run(const run_experiment& m);
  caf::result<comparison> compare(const compare_commits& m);
  caf::result<done> set_up(const run_setup& m);
  void stop(const std::string& session_id);
  void release(const release_session& m);

  caf::result<worker_joined, object_source_actor> join(const join_runner& m,
                                                       const remote_worker_actor& worker);
  heartbeat_heard hear(const worker_heartbeat& m);
  void drain(std::int64_t worker_id);
  worker_list list() const;

  /// Leases that have run out are given to others; called regularly while workers are joined.
  void look_at_leases();

 private:
  using clock_time = caf::actor_clock::time_point;

  /// A run from its arrival to its answer.
  struct open_run {
    board_job job;
    std::variant<run_experiment, compare_commits, run_setup> request;
    std::variant<caf::typed_response_promise<run_result>, caf::typed_response_promise<comparison>,
                 caf::typed_response_promise<done>>
        promise;
    clock_time since;  ///< of its arrival
    int losses = 0;
    std::int64_t doubted = 0;  ///< the worker whose answer is to be confirmed by another
    bool answered = false;     ///< cancelled: only its slot is still taken
  };
  /// Nobody waits for the runs any more; the desk goes after those who are at them.
  void leave(const caf::error& why);

  /// A run at work on another machine.
  struct lease {
    std::int64_t job_id;
    std::int64_t worker_id;
    clock_time until;     ///< prolonged by heartbeats
    clock_time deadline;  ///< not prolonged
    run_experiment sent;  ///< as the worker was asked; a comparison's is empty
  };
  struct joined_worker {
    remote_worker_actor handle;
    clock_time heard;
    std::string program;              ///< its version
    std::optional<clock_time> until;  ///< it will be ended then
    std::int64_t runs = 0;
    std::int64_t lost = 0;
    int failures = 0;  ///< in a row
    std::string last_failure;
    clock_time rests_until;
    std::set<std::string> measured;  ///< sessions of which it has measured something
  };

  template <class Answer, class Request>
  caf::result<Answer> accept(board_job job, const Request& request);
  void serve();
  void start(const board_start& s);
  template <class Request>
  void start_here(const board_start& s, Request request);
  template <class Answer, class Request>
  void start_there(const board_start& s, Request request, run_experiment sent);
  void take_told(const lease& held, run_result told);
  bool in_doubt(const lease& held) const;
  void confirm_elsewhere(const lease& held);
  void well(std::int64_t worker_id);
  /// The worker could not make a run.
  void fails(std::int64_t worker_id, const std::string& how);
  void wake_rested();
  void count_down();
  std::vector<waiting_runs> waiting() const;
  std::string free_name(const std::string& wanted) const;
  template <class Answer>
  void answer(std::int64_t job_id, const Answer& a);
  void refuse(std::int64_t job_id, const failure& why);
  /// The lease is over, whichever way; nothing when it was before.
  std::optional<lease> take_lease(std::int64_t id);
  void lost(board_job job, std::int64_t worker_id, const std::string& how);
  void end_lease(std::int64_t id, const std::string& how);
  void lose_worker(std::int64_t worker_id, const std::string& how);
  void on_down(const caf::down_msg& down);
  void schedule_look();
  clock_time now() const;

  experiment_runner_self self_;
  world world_;
  run_board board_;
  worker_pool<experiment_runner_self, run_worker_actor> pool_;
  std::function<object_source_actor()> spawn_source_;
  object_source_actor source_;
  std::map<std::int64_t, open_run> runs_;
  std::map<std::int64_t, lease> leases_;
  std::map<std::int64_t, joined_worker> workers_;
  std::int64_t last_job_ = 0;
  std::int64_t last_worker_ = 0;
  std::int64_t last_lease_ = 0;
  bool look_scheduled_ = false;
};

}  // namespace ratchet
