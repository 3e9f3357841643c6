// SPDX-License-Identifier: MIT
#include "actors/gate_worker.hpp"

#include <spdlog/spdlog.h>

#include "actors/constitutional_gate.hpp"
#include "actors/logic/baseline_delta.hpp"
#include "actors/logic/text.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

expected<gate_verdict> ask_baseline_delta(store_port& store, const judge_candidate& what) {
  const auto& experiment = what.settings.experiment_id;
  auto before = store.latest_snapshot(experiment.empty() ? what.session_id : experiment);
  if (!before) return before.error();
  return baseline_delta(what.settings.guard_metrics, what.result.guards, *before);
}

std::string last_line(const process_outcome& outcome) {
  std::string last;
  for (auto line : lines_of(outcome.output_tail))
    if (auto text = one_line(line); !text.empty()) last = std::move(text);
  return last;
}

std::string how_it_ended(const external_gate& gate, const process_outcome& outcome) {
  if (outcome.timed_out) return "took longer than " + shortest(gate.timeout_s) + " s";
  if (outcome.cancelled) return "was cancelled";
  std::string how = outcome.exit_code ? "ended with exit code " + std::to_string(*outcome.exit_code)
                    : outcome.signal  ? "was ended by signal " + std::to_string(*outcome.signal)
                                      : "ended without an exit code";
  std::string said = last_line(outcome);
  return said.empty() ? how : how + ": " + said;
}

judgement judge(const std::vector<built_in_gate>& gates, process_port& processes,
                const judge_candidate& what) {
  judgement so_far;
  for (const auto& gate : gates)
    if (!append_verdict(so_far, gate.name, gate.judge(what), what)) return so_far;
  for (const auto& gate : what.settings.gates)
    if (!append_verdict(so_far, gate.name, ask_command(processes, gate, what), what)) return so_far;
  return so_far;
}

}  // namespace

bool append_verdict(judgement& so_far, const std::string& gate,
                    const expected<gate_verdict>& answer, const judge_candidate& what) {
  auto verdict = settled(gate, answer, what.settings.on_gate_error);
  if (!verdict.enforced)
    spdlog::warn("session {}: {}; the candidate is {}", what.session_id, verdict.reason,
                 verdict.allowed ? "let through" : "refused");
  so_far.verdicts.push_back(std::move(verdict));
  return so_far.allowed();
}

std::vector<built_in_gate> built_in_gates(std::shared_ptr<store_port> store) {
  auto rules = std::make_shared<constitutional_gate>();
  return {{"constitutional", [rules](const judge_candidate& what) { return rules->judge(what); }},
          {"baseline_delta",
           [store](const judge_candidate& what) { return ask_baseline_delta(*store, what); }}};
}

expected<gate_verdict> ask_command(process_port& processes, const external_gate& gate,
                                   const judge_candidate& what) {
  json input = what.candidate;
  input["session_id"] = what.session_id;
  input["result"] = what.result;
  process_request request;
  request.command = gate.command;
  request.directory = what.directory;
  request.environment = what.settings.environment;
  request.timeout_s = gate.timeout_s;
  request.input = input.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  auto outcome = processes.run(request, nullptr, {});
  if (!outcome) return outcome.error();
  gate_verdict verdict{gate.name};
  if (outcome->succeeded()) return verdict;
  if (outcome->timed_out || outcome->cancelled || outcome->exit_code != 1)
    return fail(errc::process_failed, "its command " + how_it_ended(gate, *outcome));
  verdict.allowed = false;
  verdict.reason = last_line(*outcome);
  if (verdict.reason.empty()) verdict.reason = "refused without a reason";
  return verdict;
}

gate_worker_actor::behavior_type gate_worker(gate_worker_actor::pointer,
                                             std::vector<built_in_gate> gates,
                                             std::shared_ptr<process_port> processes) {
  return {[gates = std::move(gates), processes](const judge_candidate& m) {
    return judge(gates, *processes, m);
  }};
}

}  // namespace ratchet
