// SPDX-License-Identifier: MIT
//
// Between a job and its plan: how an experiment's message sets the plan up, and what of the plan's
// verdict goes into the result.
#pragma once

#include <string>

#include "actors/logic/experiment_plan.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// The plan for `job` on a machine of the class `here`; that of the baseline for iteration 0.
plan_settings plan_of(const run_experiment& job, const std::string& here);

/// How many runs that plan can come to, those of `earlier` among them, and one that failed and was
/// made again.
std::size_t most_runs(const run_experiment& job, const plan_settings& planned);

/// The least that its runs and builds may take, each at its whole time budget: what a machine must
/// have left to be given it.
double least_time_s(const run_experiment& job);

/// How long a worker may take to answer, transfer and all, in seconds. `new_there`: it has not
/// measured anything of the session yet, and may have to fetch the base.
double longest_answer_s(const run_experiment& job, bool new_there);
double longest_answer_s(const compare_commits& job, bool new_there);

/// `verdict` is of a plan with the settings `planned`, which were made for `job` on the machine
/// that `result` names.
void take_verdict(run_result& result, const plan_result& verdict, const plan_settings& planned,
                  const run_experiment& job);

}  // namespace ratchet
