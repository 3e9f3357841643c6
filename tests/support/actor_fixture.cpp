// SPDX-License-Identifier: MIT
#include "tests/support/actor_fixture.hpp"

#include <algorithm>

namespace ratchet::testing {

actor_fixture::config::config() {
  add_ratchet_types(*this);
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

actor_fixture::actor_fixture()
    : system_(config_),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {}

actor_fixture::~actor_fixture() {
  // An actor that outlives the fixture would keep the system's destructor waiting for ever.
  for (auto& actor : spawned_) caf::anon_send_exit(actor, caf::exit_reason::kill);
  run();
  spawned_.clear();
  run();
}

std::size_t actor_fixture::run(std::size_t limit) {
  std::size_t turns = 0;
  while (turns < limit && scheduler_.try_run_once()) ++turns;
  return turns;
}

void actor_fixture::advance(std::chrono::nanoseconds duration) {
  constexpr std::chrono::nanoseconds stride = std::chrono::milliseconds(10);
  run();
  while (duration.count() > 0) {
    auto step = std::min(stride, duration);
    scheduler_.advance_time(step);
    run();
    duration -= step;
  }
}

}  // namespace ratchet::testing
