// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"

#include <spdlog/spdlog.h>

#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

void begin(supervisor_self self, const start_roles& start) {
  self->state.roles = start();
  spdlog::debug("{} roles are started", self->state.roles.in_order.size());
  for (const auto& [name, role] : self->state.roles.in_order) self->monitor(role);
  for (const auto& [what, gate] : self->state.gates)
    self->request(self->state.roles.gates, store_timeout, what, gate)
        .then([](const done&) {},
              [name = what.name](const caf::error& error) {
                spdlog::error("gate {} could not be added again: {}", name,
                              as_failure(error, "the gate chain").text);
              });
}

void stop_all(supervisor_self self) {
  auto roles = std::exchange(self->state.roles, {});
  for (auto it = roles.in_order.rbegin(); it != roles.in_order.rend(); ++it)
    self->send_exit(it->second, caf::exit_reason::user_shutdown);
}

void on_down(supervisor_self self, const caf::down_msg& down, const start_roles& start) {
  auto& s = self->state;
  std::string died;
  for (const auto& [name, role] : s.roles.in_order)
    if (caf::actor_cast<caf::actor_addr>(role) == down.source) died = name;
  if (died.empty()) return;  // one that was stopped on purpose
  auto now = self->clock().now();
  while (!s.restarts.empty() && now - s.restarts.front() > restart_window) s.restarts.pop_front();
  stop_all(self);
  if (static_cast<int>(s.restarts.size()) >= restart_budget) {
    spdlog::critical("the {} died again; the restart budget is used up, the runtime ends", died);
    return self->quit(caf::exit_reason::unhandled_exception);
  }
  spdlog::error("the {} died; every role starts again, steps at work will be recovered", died);
  s.restarts.push_back(now);
  begin(self, start);
}

}  // namespace

supervisor_actor::behavior_type supervisor(supervisor_self self, start_roles start) {
  self->set_down_handler([self, start](caf::down_msg& down) { on_down(self, down, start); });
  self->set_exit_handler([self](caf::exit_msg& exit) {
    stop_all(self);
    self->quit(exit.reason);
  });
  begin(self, start);
  return {
      [self](const find_roles&)
          -> caf::result<session_registry_actor, event_hub_actor, gate_chain_actor> {
        const auto& r = self->state.roles;
        return {r.registry, r.hub, r.gates};
      },
      [self](const find_runner&) -> caf::result<experiment_runner_actor> {
        return self->state.roles.runner;
      },
      [self](const add_gate& what, const gate_actor& gate) -> caf::result<done> {
        self->state.gates.emplace_back(what, gate);
        return self->delegate(self->state.roles.gates, what, gate);
      },
  };
}

}  // namespace ratchet
