// SPDX-License-Identifier: MIT
#include "actors/experiment_runner.hpp"

#include "actors/object_source.hpp"
#include "actors/work/experiment.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// In the session's own work tree, or one of its others, which is seen to first.
expected<run_result> measure_in_lane(const world& w, const run_experiment& m) {
  const work_tree_id id{m.session_id, m.lane};
  w.lanes->take(id);
  taken_lane here(*w.lanes, id);
  if (m.lane == 0) return measure_candidate(w, m, m.session_id);
  auto directory = open_lane(w, m, m.session_id);
  if (!directory) return directory.error();
  auto there = m;
  there.directory = *directory;
  return measure_candidate(w, there, m.session_id);
}

}  // namespace

experiment_runner_role::behavior_type experiment_runner(experiment_runner_self self, world w,
                                                        std::size_t slots) {
  return experiment_runner_with(
      self, w, slots,
      {[self, w](int slot) {
         auto own = w;
         own.place.slot = slot;
         return self->spawn<caf::detached>(run_worker, std::move(own));
       },
       [self, w] { return self->spawn<caf::detached>(object_source, w.objects); }});
}

experiment_runner_role::behavior_type experiment_runner_with(experiment_runner_self self, world w,
                                                             std::size_t slots,
                                                             run_desk_helpers spawn) {
  self->state.desk = std::make_unique<run_desk>(self, std::move(w), slots, std::move(spawn));
  auto& desk = *self->state.desk;
  return {
      [&desk](const run_experiment& m) { return desk.run(m); },
      [&desk](const compare_commits& m) { return desk.compare(m); },
      [&desk](const run_setup& m) { return desk.set_up(m); },
      [&desk](const stop_job& m) { desk.stop(m.session_id); },
      [&desk](const release_session& m) { desk.release(m); },
      [&desk](const join_runner& m, const remote_worker_actor& worker) {
        return desk.join(m, worker);
      },
      [&desk](const worker_heartbeat& m) { return desk.hear(m); },
      [&desk](const drain_worker& m) { desk.drain(m.worker_id); },
      [&desk](const list_workers&) { return desk.list(); },
      [&desk](const look_at_leases_now&) { desk.look_at_leases(); },
  };
}

run_worker_actor::behavior_type run_worker(run_worker_actor::pointer, world w) {
  return {
      [w](const run_experiment& m) { return as_result(measure_in_lane(w, m)); },
      [w](const compare_commits& m) { return as_result(compare_measured(w, m, 0, m.session_id)); },
      [w](const run_setup& m) -> caf::result<done> {
        if (auto ok = set_up_workspace(w, m, 0, m.session_id); !ok) return as_error(ok.error());
        return done{};
      },
  };
}

}  // namespace ratchet
