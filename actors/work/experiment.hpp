// SPDX-License-Identifier: MIT
//
// What a run worker does, start to end: a candidate measured as often as its plan asks, two commits
// compared, a work tree set up. Blocking, for detached actors. The same on a node and on a worker
// of another machine: what differs is the world. Each stops when `stop_key` is cancelled in
// `w.stops`.
#pragma once

#include "actors/work/world.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// Measures in the work tree `{job.session_id, job.lane}`, which is at `job.directory`.
/// Restores the tree before every execution. On a class of machine for which nothing tells the
/// incumbent's metric, the incumbent is measured first.
expected<run_result> measure_candidate(const world& w, const run_experiment& job,
                                       const std::string& stop_key);

/// Baseline and best in the order b B B b …, so that a drift of the machine touches both alike. In
/// the work tree `{job.session_id, lane}`, which is at `job.directory`.
expected<comparison> compare_measured(const world& w, const compare_commits& job, int lane,
                                      const std::string& stop_key);

/// Runs setup_command in the work tree `{job.session_id, lane}` and keeps what it made.
expected<> set_up_workspace(const world& w, const run_setup& job, int lane,
                            const std::string& stop_key);

/// The directory of an extra work tree, made and set up when it is not there yet. One that a killed
/// process left half set up is cut anew.
expected<std::string> open_lane(const world& w, const run_experiment& job,
                                const std::string& stop_key);

}  // namespace ratchet
