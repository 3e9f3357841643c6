// SPDX-License-Identifier: MIT
//
// A whole node in this process: runtime, entrance and guard, with one member; and its store, to
// write events into.
#pragma once

#include <fstream>

#include "runtime/embed/runtime.hpp"
#include "runtime/net/guard.hpp"
#include "runtime/net/invitation.hpp"
#include "tests/runtime/tls/scratch.hpp"

namespace ratchet::net {

template <class T>
T must(expected<T> x) {
  if (!x) throw std::runtime_error(x.error().text);
  return std::move(*x);
}

struct guarded_node {
  explicit guarded_node(guard_options with = {}) : options(std::move(with)) {
    if (auto ok = members.add({"laptop", laptop.node_id(), "2026-01-01T00:00:00.000Z"}); !ok)
      throw std::runtime_error(ok.error().text);
    open_guard(0);
  }

  void open_guard(std::uint16_t port) {
    auto at = options;
    at.listen.at.port = port;
    door = must(guard::open(*entrance, key, members, at));
  }
  /// Every connection ends; whoever comes again is let in again.
  void close_and_open_guard() {
    const auto port = door->port();
    door.reset();
    open_guard(port);
  }

  invitation invite(const node_key& as) const {
    return {"laptop", key.node_id(), {{"127.0.0.1", door->port()}}, as};
  }
  invitation invite() const { return invite(laptop); }

  /// As another process on the same state directory does.
  void write_events(int count) {
    step_write step;
    for (int i = 0; i < count; ++i)
      step.events.push_back({0, "autoresearch.edited", "0123456789ab", "2026-01-01T00:00:00.000Z",
                             json{{"iteration", i}}});
    if (auto ok = lab->sessions().write(step); !ok) throw std::runtime_error(ok.error().text);
  }

  guard_options options;
  scratch_directory state;
  const node_key key = must(node_key::open(state.path()));
  const node_key laptop = node_key::generate();
  member_list members = must(member_list::open(state.path()));
  networked_system own_system;
  caf::actor_system& system = own_system.get();
  std::unique_ptr<runtime> lab = must(runtime::open(
      system, {.state_dir = state.path(), .launcher = RATCHET_BIN_DIR "/ratchet-launcher"}));
  std::unique_ptr<caf_entrance> entrance = must(caf_entrance::publish(system, lab->front()));
  std::unique_ptr<guard> door;
};

/// Resident memory of this process in MiB.
inline double resident_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word)
    if (word == "VmRSS:") status >> kib;
  return kib / 1024;
}

}  // namespace ratchet::net
