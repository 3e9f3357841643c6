// SPDX-License-Identifier: MIT
//
// How fast 10,000 stored events reach a subscriber on another node:
//   hub    the node's event_hub and its store, through the guard: what `events --follow` does
//   guard  a bare CAF loop that sends the same events, through the same guard
//   plain  the same bare loop over CAF's own TCP on loopback, without TLS: the floor of it all
// Rounds of the three alternate, so that a busy machine hits all alike. Prints medians and ratios;
// exit status 1 when hub is below 50,000 a second or below half of the bare loop in this run.
#include <sys/resource.h>

#include <caf/io/all.hpp>
#include <cstring>

#include "actors/supervisor.hpp"
#include "messages/type_ids.hpp"
#include "runtime/net/remote_events.hpp"
#include "tests/bench/laboratory.hpp"
#include "tests/runtime/net/guarded_node.hpp"

using namespace ratchet;
using namespace ratchet::net;
using namespace ratchet::bench;

namespace {

constexpr int events = 10'000;
constexpr int rounds = 21;

event sample(std::int64_t seq) {
  return {seq, "autoresearch.iteration", "0123456789ab", "2026-01-31T23:59:59.123Z",
          json{{"iteration", seq}, {"metric_value", 0.875}, {"improved", true}}};
}

/// Has an event_hub's interface and none of its work: who subscribes is sent everything at once.
event_hub_actor::behavior_type bare_hub(event_hub_actor::pointer self) {
  auto all = std::make_shared<std::vector<caf::message>>();
  for (std::int64_t seq = 1; seq <= events; ++seq) all->push_back(shared_message(sample(seq)));
  return {
      [](const recorded_events&) {},
      [self, all](const subscription&, const subscriber_actor& to) -> caf::result<subscribed> {
        for (const auto& message : *all) tell_shared(self, to, message);
        return subscribed{1, events};
      },
      [](const unsubscribe&) {},
  };
}

supervisor_actor spawn_bare(caf::actor_system& system) {
  auto hub = system.spawn(bare_hub);
  return system.spawn(supervisor, [hub] {
    started_roles roles;
    roles.hub = hub;
    roles.in_order.emplace_back("event_hub", caf::actor_cast<caf::actor>(hub));
    return roles;
  });
}

class arrival {
 public:
  void one() {
    std::lock_guard lock(mutex_);
    if (++count_ == events) there_.notify_all();
  }
  void await() {
    std::unique_lock lock(mutex_);
    if (!there_.wait_for(lock, std::chrono::seconds(60), [this] { return count_ == events; }))
      give_up("only " + std::to_string(count_) + " events arrived");
  }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  int count_ = 0;
};

double through_guard(remote_node& node) {
  if (auto ok = node.join(); !ok) give_up(ok.error().text);
  arrival all;
  const auto begin = clock_type::now();
  remote_events listening(node, {}, {[&](const event&) { all.one(); }, nullptr, nullptr});
  all.await();
  return events * 1000.0 / ms_since(begin);
}

double plain(caf::actor_system& system, const supervisor_actor& front) {
  arrival all;
  const auto begin = clock_type::now();
  caf::scoped_actor self{system};
  auto subscriber = system.spawn<caf::detached>(
      [&](subscriber_actor::pointer) -> subscriber_actor::behavior_type {
        return {[&](const event&) { all.one(); }};
      });
  event_hub_actor hub;
  self->request(front, std::chrono::seconds(10), find_roles{})
      .receive([&](const session_registry_actor&, const event_hub_actor& h,
                   const gate_chain_actor&) { hub = h; },
               [](const caf::error& e) { give_up(caf::to_string(e)); });
  self->request(hub, std::chrono::seconds(60), subscription{}, subscriber)
      .receive([](const subscribed&) {}, [](const caf::error& e) { give_up(caf::to_string(e)); });
  all.await();
  const double rate = events * 1000.0 / ms_since(begin);
  self->monitor(subscriber);
  self->send_exit(subscriber, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {});
  return rate;
}

}  // namespace

int main() {
  guarded_node node;
  step_write step;
  for (int i = 0; i < events; ++i) step.events.push_back(sample(0));
  if (auto ok = node.lab->sessions().write(step); !ok) give_up(ok.error().text);

  auto bare = spawn_bare(node.system);
  auto entrance = must(caf_entrance::publish(node.system, bare));
  auto door = must(guard::open(*entrance, node.key, node.members, {}));
  auto port = node.system.middleman().publish(bare, 0, "127.0.0.1");
  if (!port) give_up("no port for plain CAF");

  remote_node of_hub(node.invite());
  auto invitation_to_bare = node.invite();
  invitation_to_bare.addresses = {{"127.0.0.1", door->port()}};
  remote_node of_bare(invitation_to_bare);
  networked_system own_system;  // its end is bounded, CAF's alone is not
  auto& other = own_system.get();
  auto found = other.middleman().remote_actor<supervisor_actor>("127.0.0.1", *port);
  if (!found) give_up("plain CAF cannot connect");

  std::vector<double> hub_rates, guard_rates, plain_rates;
  for (int i = 0; i < rounds; ++i) {
    hub_rates.push_back(through_guard(of_hub));
    guard_rates.push_back(through_guard(of_bare));
    plain_rates.push_back(plain(other, *found));
  }
  const double hub = median(hub_rates), guarded = median(guard_rates), floor = median(plain_rates);
  std::printf("10,000 events to a remote subscriber, median of %d rounds, events a second\n",
              rounds);
  std::printf("  hub    %9.0f   event_hub and store, through the guard\n", hub);
  std::printf("  guard  %9.0f   bare CAF loop through the guard: hub is %.2f of it\n", guarded,
              hub / guarded);
  std::printf("  plain  %9.0f   bare CAF loop over plain TCP: guard is %.2f of it, hub %.2f\n",
              floor, guarded / floor, hub / floor);
  std::fflush(stdout);
  caf::anon_send_exit(bare, caf::exit_reason::user_shutdown);
  return hub >= 50'000 && hub >= 0.5 * guarded ? 0 : 1;
}
