// SPDX-License-Identifier: MIT
//
// What a worker on another machine tells of a run, as the node believes it. A worker may be old,
// broken or lying: its numbers have to be finite, its texts are cut to what the messages promise
// and lose their control sequences, and whether the candidate is better the node finds itself.
#pragma once

#include <string>

#include "messages/experiments.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// `told` is the answer to `asked` from a machine of the class `machine_class`. `improved` and the
/// numbers beside it are what the runs in `samples` come to by the plan for `asked`
/// (experiment_plan.hpp). Where they are not the runs of that plan, as from a worker of another
/// version, it improves only if its word and its metric both say so, against the best that this
/// node knows.
run_result believed(run_result told, const run_experiment& asked, const std::string& machine_class);

comparison believed(comparison told);

}  // namespace ratchet
