// SPDX-License-Identifier: MIT
#include "actors/work/gate_worker.hpp"

#include <spdlog/spdlog.h>

#include "actors/logic/baseline_delta.hpp"
#include "actors/logic/gate_command.hpp"
#include "actors/work/constitutional_gate.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

expected<gate_verdict> ask_baseline_delta(recipes_port& kept, const judge_candidate& what) {
  const auto& experiment = what.settings->experiment_id;
  auto before = kept.latest_snapshot(experiment.empty() ? what.session_id : experiment);
  if (!before) return before.error();
  return baseline_delta(what.settings->guard_metrics, what.result.guards, *before);
}

judgement judge(const std::vector<built_in_gate>& gates, process_port& processes,
                const judge_candidate& what) {
  judgement so_far;
  if (!is_baseline(what))
    for (const auto& gate : gates)
      if (!append_verdict(so_far, gate.name, gate.judge(what), what)) return so_far;
  for (const auto& gate : what.settings->gates)
    if (!append_verdict(so_far, gate.name, ask_command(processes, gate, what), what)) return so_far;
  return so_far;
}

}  // namespace

bool append_verdict(judgement& so_far, const std::string& gate,
                    const expected<gate_verdict>& answer, const judge_candidate& what) {
  auto verdict = settled(gate, answer, what.settings->on_gate_error);
  spdlog::debug("session {}: gate {} {}", what.session_id, gate,
                verdict.allowed ? "allows" : "refuses");
  if (!verdict.enforced)
    spdlog::warn("session {}: gate {}: {}; the candidate is {}", what.session_id, gate,
                 verdict.reason, verdict.allowed ? "let through" : "refused");
  so_far.verdicts.push_back(std::move(verdict));
  return so_far.allowed();
}

std::vector<built_in_gate> built_in_gates(std::shared_ptr<recipes_port> kept) {
  auto rules = std::make_shared<constitutional_gate>();
  return {{"constitutional", [rules](const judge_candidate& what) { return rules->judge(what); }},
          {"baseline_delta",
           [kept](const judge_candidate& what) { return ask_baseline_delta(*kept, what); }}};
}

std::chrono::seconds gates_patience(const session_settings& settings) {
  auto patience = gate_timeout;
  for (const auto& gate : settings.gates)
    patience += std::chrono::seconds(static_cast<std::int64_t>(gate.timeout_s) + 60);
  return patience;
}

gate_verdict ask_command(process_port& processes, const external_gate& gate,
                         const judge_candidate& what) {
  json input = what.candidate;
  input["session_id"] = what.session_id;
  input["result"] = what.result;
  process_request request;
  request.command = gate.command;
  request.directory = what.directory;
  request.environment = what.settings->environment;
  request.timeout_s = gate.timeout_s;
  request.input = input.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  auto outcome = processes.run(request, nullptr, {});
  // One that cannot be started has not passed, whatever kept it.
  if (!outcome) return command_verdict(gate, {{}, {}, false, outcome.error().text});
  return command_verdict(
      gate, {outcome->exit_code, outcome->signal, outcome->timed_out, outcome->output_tail});
}

gate_worker_actor::behavior_type gate_worker(gate_worker_actor::pointer,
                                             std::vector<built_in_gate> gates,
                                             std::shared_ptr<process_port> processes) {
  return {[gates = std::move(gates), processes](const judge_candidate& m) {
    return judge(gates, *processes, m);
  }};
}

}  // namespace ratchet
