// SPDX-License-Identifier: MIT
//
// remote_worker: this machine's slots, joined to the experiment_runner of a node. It joins, beats,
// measures what it is given under leases and answers. It ends when the node is gone, does not know
// it any more or has not answered for the length of a lease (its runs are then somebody else's and
// are ended), and when it was asked to drain and is done.
//
// A session that ends while this worker cannot be reached tells it nothing. So it asks, as it joins
// and then each `sessions_interval`, which of those that it keeps work trees of are over.
//
// systemd and Slurm end a worker by a signal to all of its processes at once: a run that a signal
// ended is not answered before it is clear whether the worker is being ended too, as then it is the
// worker that was lost, and not the candidate that failed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "actors/work/node_copies.hpp"
#include "actors/work/world.hpp"
#include "actors/worker_pool.hpp"
#include "messages/actors.hpp"

namespace ratchet {

struct beat_now {};             ///< the worker's note to itself
struct settle_a_tree {};        ///< to the thread that makes work trees ready
struct drop_ended_sessions {};  ///< to the same
/// Its note to itself: answer what a signal ended, the worker is still wanted.
struct answer_after_all {
  std::int64_t lease = 0;
};

using settler_actor = caf::typed_actor<tells<settle_a_tree>, tells<drop_ended_sessions>>;

/// One slot: blocking, detached.
using lease_worker_actor =
    caf::typed_actor<asks<run_on_worker, run_result>, asks<compare_on_worker, comparison>,
                     asks<release_session, done>>;

}  // namespace ratchet

RATCHET_PRIVATE_MESSAGE(ratchet::beat_now)
RATCHET_PRIVATE_MESSAGE(ratchet::settle_a_tree)
RATCHET_PRIVATE_MESSAGE(ratchet::drop_ended_sessions)
RATCHET_PRIVATE_MESSAGE(ratchet::answer_after_all)

namespace ratchet {

using remote_worker_role =
    remote_worker_actor::extend<tells<drain_worker>, tells<beat_now>, tells<answer_after_all>>;

struct remote_worker_state {
  static inline const char* name = "remote_worker";
  using self_pointer = remote_worker_role::stateful_pointer<remote_worker_state>;

  /// No aggregate: CAF would make it from the actor's own pointer, by way of the first member.
  remote_worker_state() = default;
  ~remote_worker_state();
  remote_worker_state(const remote_worker_state&) = delete;
  remote_worker_state& operator=(const remote_worker_state&) = delete;

  experiment_runner_actor runner;
  std::shared_ptr<object_source_actor> source = std::make_shared<object_source_actor>();
  world here;
  std::shared_ptr<node_copies> copies;
  settler_actor settler;
  std::unique_ptr<worker_pool<self_pointer, lease_worker_actor>> pool;
  std::int64_t worker_id = 0;  ///< 0 until joined
  std::chrono::duration<double> lease{0};
  caf::actor_clock::time_point heard;
  std::optional<caf::actor_clock::time_point> asked_what_is_over;
  std::map<std::int64_t, std::string> at_work;  ///< lease → session
  /// Runs that a signal ended, by their lease: called with whether the worker is being ended.
  std::map<std::int64_t, std::function<void(bool lost)>> held;
  std::function<void(std::size_t)> tell_at_work;
  bool draining = false;
  bool leaving = false;  ///< drained, once the node has everything
  bool beating = false;  ///< a heartbeat is not answered yet
};

inline constexpr std::chrono::seconds sessions_interval{60};

struct worker_offer {
  int slots = 1;
  std::optional<double> ends_in_s;                   ///< it will be ended then; none: not known
  std::function<void(const worker_joined&)> joined;  ///< called once the node gives it runs
  std::function<void(std::size_t)> at_work;  ///< so many runs, each time that it changes; or empty
  std::vector<std::string> devices;     ///< leased with the slots: none, or at least one for each
  std::vector<std::string> processors;  ///< likewise: each slot's runs stay on its own
};

/// `w` is this machine's world: processes, workspaces, machine. It is told by its end why it ended:
/// caf::exit_reason::normal when drained, an `invalid_argument` (as_failure) where joining again is
/// of no use, as at a node of another version of Ratchet; else user_shutdown.
remote_worker_role::behavior_type remote_worker(remote_worker_state::self_pointer self, world w,
                                                std::shared_ptr<node_copies> copies,
                                                experiment_runner_actor runner, worker_offer offer);

}  // namespace ratchet
