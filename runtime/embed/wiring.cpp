// SPDX-License-Identifier: MIT
#include "runtime/embed/wiring.hpp"

#include <algorithm>

#include "actors/benchmark_recorder.hpp"
#include "actors/edit_generator.hpp"
#include "actors/event_hub.hpp"
#include "actors/experiment_runner.hpp"
#include "actors/federation_broadcaster.hpp"
#include "actors/gate_chain.hpp"
#include "actors/journal.hpp"
#include "actors/session_registry.hpp"
#include "actors/workspace_keeper.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

started_roles start(caf::actor_system& system, const world& w, const wiring_options& options) {
  started_roles started;
  auto add = [&](const char* name, const auto& role) {
    started.in_order.emplace_back(name, caf::actor_cast<caf::actor>(role));
  };
  session_roles roles;
  roles.clock = w.clock;
  roles.output = w.output;
  started.hub = system.spawn<caf::detached>(event_hub, w.events);
  add("event_hub", started.hub);
  roles.journal =
      system.spawn<caf::detached>(journal, w.sessions, w.leases, w.reports, w.clock, started.hub);
  add("journal", roles.journal);
  roles.recorder = system.spawn<caf::detached>(benchmark_recorder, w.benchmarks, w.federation);
  add("benchmark_recorder", roles.recorder);
  roles.keeper = system.spawn(workspace_keeper, w, options.workspace_workers);
  add("workspace_keeper", roles.keeper);
  roles.generator = system.spawn(edit_generator, w, std::max<std::size_t>(options.slots, 1));
  add("edit_generator", roles.generator);
  started.runner = system.spawn(experiment_runner, w, options.slots);
  roles.runner = started.runner;
  add("experiment_runner", roles.runner);
  started.gates = system.spawn(gate_chain, w.recipes, w.processes);
  roles.gates = started.gates;
  add("gate_chain", roles.gates);
  roles.broadcaster = system.spawn<caf::detached>(federation_broadcaster, w);
  add("federation_broadcaster", roles.broadcaster);
  started.registry = system.spawn(session_registry, roles);
  add("session_registry", started.registry);
  return started;
}

}  // namespace

supervisor_actor wire(caf::actor_system& system, const world& w, const wiring_options& options) {
  return system.spawn(supervisor, [&system, w, options] { return start(system, w, options); });
}

}  // namespace ratchet
