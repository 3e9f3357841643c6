// SPDX-License-Identifier: MIT
//
// Which run goes to which machine: the queue, the slots of this node and of the workers that have
// joined, requirements, classes of machines. Plain values; the experiment_runner acts on what this
// decides.
//
// Order of arrival, but a run that no free slot may take lets later ones pass. Of the slots that
// may, one of the session's own class of machine comes first (what looks better there needs no
// second look; a baseline, which decides the class, stays on this node if it can), then one whose
// incumbent is known, then one that has not just failed, then the machine with most slots free.
//
// On another class than its own a session's incumbent has to be measured before candidates mean
// anything there: one run does so, and until it has answered no other run of that session goes to
// that class.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "messages/hive.hpp"

namespace ratchet {

struct board_job {
  std::int64_t id = 0;
  std::string session_id;
  std::vector<std::string> requirements;
  bool local_only = false;              ///< on this node, whatever its slots' machine is
  bool beside = false;                  ///< not in the session's own work tree
  bool home_only = false;               ///< on home_class, while a machine of it is there
  std::string home_class;               ///< empty: any class will do, nothing is compared
  std::string incumbent;                ///< the commit that the candidate has to beat
  bool compares = false;                ///< against the incumbent's metric on the same class
  std::set<std::string> known_classes;  ///< where the job itself brings the incumbent's metric
  std::set<std::int64_t> failed_at;     ///< workers that could not run it: any other comes first
  double needs_s = 0;                   ///< it may take so long at least, by its settings
};

struct board_start {
  board_job job;
  std::int64_t worker_id = 0;  ///< 0 is this node
  int lane = 0;  ///< on this node: the first that no run of the session has, from 1 if beside
};

class run_board {
 public:
  /// This node is worker 0; with no slots it runs nothing.
  run_board(const machine_facts& here, int slots);

  void join(std::int64_t worker_id, const machine_facts& machine, int slots);
  void drain(std::int64_t worker_id);
  /// It could not make the last run that it was given: others come first.
  void failing(std::int64_t worker_id, bool fails);
  /// While it rests it is given nothing.
  void rest(std::int64_t worker_id, bool rests);
  /// It will be ended then, as by Slurm: it is given what fits before that.
  void ends_in(std::int64_t worker_id, double seconds);
  /// Takes the worker out; what was at work there is no more, and returned.
  std::vector<board_job> leave(std::int64_t worker_id);

  void add(board_job job);
  /// A run that was lost goes to the front of the queue again.
  void add_again(board_job job);
  /// The next run that a free slot may take, which is from now on at work.
  std::optional<board_start> next();
  /// It has answered, or is given up; `incumbent_metric` when it measured the incumbent first.
  void end(std::int64_t job_id, const std::optional<double>& incumbent_metric);
  /// Takes a session's waiting runs out of the queue.
  std::vector<board_job> take_waiting(const std::string& session_id);
  /// Nothing of the session is remembered.
  void forget(const std::string& session_id);

  /// The incumbent's metric on the class of that worker, where another run has measured it.
  std::optional<double> incumbent_on(const board_job& job, std::int64_t worker_id) const;
  /// Whether a machine that is there meets them, busy or not.
  bool can_ever_run(const board_job& job) const;
  /// Whether there is a slot anywhere, busy or not: else the first machine is still to come.
  bool has_machines() const;
  /// Whether one of those meets them, however long it stays.
  bool has_machine_with(const std::vector<std::string>& requirements) const;
  /// Whether one does that has not failed at it.
  bool can_run_elsewhere(const board_job& job) const;

  struct worker_state {
    machine_facts machine;
    std::string machine_class;
    int slots = 0;
    int busy = 0;
    bool draining = false;
    bool failing = false;
    bool resting = false;
    std::optional<double> left_s = std::nullopt;  ///< as ends_in() said last
  };
  const std::map<std::int64_t, worker_state>& workers() const { return workers_; }
  /// In their order.
  const std::deque<board_job>& waiting() const { return waiting_; }

 private:
  struct at_work {
    board_job job;
    std::int64_t worker_id;
    int lane;
  };
  /// session, incumbent, class of machine
  using incumbent_key = std::tuple<std::string, std::string, std::string>;

  bool class_is_there(const std::string& machine_class) const;
  bool may_take(const board_job& job, std::int64_t id, const worker_state& w) const;
  bool knows_incumbent(const board_job& job, const worker_state& w) const;
  std::int64_t best_worker(const board_job& job) const;
  int free_lane(const board_job& job) const;
  board_start start(const board_job& job, std::int64_t worker_id);

  std::map<std::int64_t, worker_state> workers_;
  std::deque<board_job> waiting_;
  std::map<std::int64_t, at_work> at_work_;
  std::map<incumbent_key, double> incumbents_;
  std::map<incumbent_key, std::int64_t> measuring_;  ///< by which job
};

}  // namespace ratchet
