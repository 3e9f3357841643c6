// SPDX-License-Identifier: MIT
//
// gate_chain: asks the gates in order until one refuses: constitutional, baseline_delta, the
// session's external commands, then the actors added with `add_gate`, in order of their coming. Of
// the unmodified code (a candidate of iteration 0) the commands alone are asked.
//
// The front is light. One detached worker (actors/work/gate_worker.hpp) does what blocks; when it
// dies it is replaced and the caller gets `worker_lost`. A command that does not end with exit code
// 0 has refused. A built-in gate that errs, an added actor that errs, is gone or takes longer than
// `added_gate_timeout` counts as the session's `on_gate_error` says, and is named in the log at
// warning level.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/work/gate_worker.hpp"
#include "actors/worker_pool.hpp"
#include "messages/actors.hpp"

namespace ratchet {

inline constexpr std::chrono::seconds added_gate_timeout{60};

struct gate_chain_state {
  static inline const char* name = "gate_chain";
  using front = gate_chain_actor::stateful_pointer<gate_chain_state>;

  struct added_gate {
    std::string name;
    gate_actor actor;
  };
  std::vector<added_gate> added;
  std::unique_ptr<worker_pool<front, gate_worker_actor>> pool;
};

/// `add_gate` refuses (`invalid_argument`) an empty name, one that is taken and an invalid handle.
gate_chain_actor::behavior_type gate_chain(gate_chain_state::front self,
                                           std::shared_ptr<recipes_port> kept,
                                           std::shared_ptr<process_port> processes);

/// The same with workers of the caller's making.
gate_chain_actor::behavior_type gate_chain_with(gate_chain_state::front self,
                                                std::function<gate_worker_actor()> spawn_worker);

}  // namespace ratchet
