// SPDX-License-Identifier: MIT
//
// The gates that block: rules read from a file, the store, the user's commands. One worker of
// gate_chain asks them in order and stops at the first refusal.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/ports/process_port.hpp"
#include "actors/ports/recipes_port.hpp"
#include "messages/actors.hpp"

namespace ratchet {

using gate_worker_actor = caf::typed_actor<asks<judge_candidate, judgement>>;

/// A gate that is always there. A failure of `judge` is an error of the gate, not a refusal.
struct built_in_gate {
  std::string name;
  std::function<expected<gate_verdict>(const judge_candidate&)> judge;
};

/// constitutional and baseline_delta, in this order. A worker and its replacement share one list,
/// so that what a session's rule file was sealed as outlives a worker.
std::vector<built_in_gate> built_in_gates(std::shared_ptr<recipes_port> kept);

/// Whether it is the unmodified code that is judged, which only commands are asked about: a gate
/// that looks at an edit finds none there.
inline bool is_baseline(const judge_candidate& what) { return what.candidate.iteration == 0; }

/// How long the gates of a session may take altogether.
std::chrono::seconds gates_patience(const session_settings& settings);

/// Asks an external command: the candidate's JSON, with `session_id` and `result` added, on its
/// standard input, in the work tree. Exit 0 allows. Any other end refuses, with how it ended and
/// the end of its output: other statuses, signals, time-outs, and a command that cannot be started.
gate_verdict ask_command(process_port& processes, const external_gate& gate,
                         const judge_candidate& what);

gate_worker_actor::behavior_type gate_worker(gate_worker_actor::pointer self,
                                             std::vector<built_in_gate> gates,
                                             std::shared_ptr<process_port> processes);

/// Adds a verdict; false ends the chain. Logs a gate that could not be asked.
bool append_verdict(judgement& so_far, const std::string& gate,
                    const expected<gate_verdict>& answer, const judge_candidate& what);

}  // namespace ratchet
