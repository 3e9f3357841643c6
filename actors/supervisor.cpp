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

void stop_next(supervisor_self self) {
  auto& s = self->state;
  if (s.leaving.empty()) return self->quit(*s.stopped_by);
  self->send_exit(s.leaving.back().second, caf::exit_reason::user_shutdown);
  self->delayed_send(self, role_patience, role_is_late{++s.stops});
}

/// In reverse, one after the other; then the supervisor itself.
void stop(supervisor_self self, const caf::error& why) {
  auto& s = self->state;
  if (s.stopped_by) return;
  s.stopped_by = why;
  auto roles = std::exchange(s.roles, {});
  for (auto& role : roles.in_order) s.leaving.push_back(std::move(role));
  stop_next(self);
}

void give_up_on(supervisor_self self, const role_is_late& late) {
  auto& s = self->state;
  if (late.stop != s.stops || s.leaving.empty()) return;
  const auto [name, role] = std::move(s.leaving.back());
  s.leaving.pop_back();
  spdlog::warn("the {} has not ended within {} s and is left behind", name, role_patience.count());
  self->send_exit(role, caf::exit_reason::kill);
  s.stopped_by = caf::exit_reason::kill;
  stop_next(self);
}

/// True when it was told to end.
bool has_left(supervisor_self self, const caf::down_msg& down) {
  auto& s = self->state;
  const bool awaited = !s.leaving.empty() && s.leaving.back().second.address() == down.source;
  const auto gone = std::erase_if(
      s.leaving, [&](const auto& role) { return role.second.address() == down.source; });
  if (s.stopped_by && awaited) stop_next(self);
  return gone > 0;
}

/// All at once: the next ones are waited for.
void replace_all(supervisor_self self, const caf::actor_addr& dead) {
  auto& s = self->state;
  auto roles = std::exchange(s.roles, {});
  for (auto it = roles.in_order.rbegin(); it != roles.in_order.rend(); ++it) {
    if (it->second.address() == dead) continue;
    self->send_exit(it->second, caf::exit_reason::user_shutdown);
    s.leaving.push_back(std::move(*it));
  }
}

void on_down(supervisor_self self, const caf::down_msg& down, const start_roles& start) {
  auto& s = self->state;
  if (has_left(self, down) || s.stopped_by) return;
  std::string died;
  for (const auto& [name, role] : s.roles.in_order)
    if (role.address() == down.source) died = name;
  if (died.empty()) return;
  auto now = self->clock().now();
  while (!s.restarts.empty() && now - s.restarts.front() > restart_window) s.restarts.pop_front();
  if (static_cast<int>(s.restarts.size()) >= restart_budget) {
    spdlog::critical("the {} died again; the restart budget is used up, the runtime ends", died);
    return stop(self, caf::exit_reason::unhandled_exception);
  }
  spdlog::error("the {} died; every role starts again, steps at work will be recovered", died);
  s.restarts.push_back(now);
  replace_all(self, down.source);
  begin(self, start);
}

failure runtime_ends() { return fail(errc::cancelled, "the runtime ends; open a new one"); }

}  // namespace

supervisor_role::behavior_type supervisor(supervisor_self self, start_roles start) {
  self->set_down_handler([self, start](caf::down_msg& down) { on_down(self, down, start); });
  self->set_exit_handler([self](caf::exit_msg& exit) { stop(self, exit.reason); });
  begin(self, start);
  return {
      [self](const find_roles&)
          -> caf::result<session_registry_actor, event_hub_actor, gate_chain_actor> {
        if (self->state.stopped_by) return as_error(runtime_ends());
        const auto& r = self->state.roles;
        return {r.registry, r.hub, r.gates};
      },
      [self](const find_runner&) -> caf::result<experiment_runner_actor> {
        if (self->state.stopped_by) return as_error(runtime_ends());
        return self->state.roles.runner;
      },
      [self](const add_gate& what, const gate_actor& gate) -> caf::result<done> {
        if (self->state.stopped_by) return as_error(runtime_ends());
        self->state.gates.emplace_back(what, gate);
        return self->delegate(self->state.roles.gates, what, gate);
      },
      [self](const role_is_late& late) { give_up_on(self, late); },
  };
}

}  // namespace ratchet
