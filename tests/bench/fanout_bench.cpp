// SPDX-License-Identifier: MIT
//
// How fast one event reaches 1,000 local subscribers: through the event hub, against a bare CAF
// loop that sends the same shared message to 1,000 actors, and through a hub that also has a
// subscriber that never reads. Rounds of the three alternate, so that a busy machine hits all
// alike. Prints the medians; exit status 1 when a floor that the README states is missed.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include <caf/scoped_actor.hpp>

#include "actors/event_hub.hpp"
#include "messages/type_ids.hpp"
#include "tests/support/fake_events.hpp"

using namespace ratchet;

namespace {

constexpr std::size_t subscribers = 1000;
constexpr std::uint64_t events_a_round = 100;
constexpr int rounds = 61;

struct counter {
  std::atomic<std::uint64_t> delivered{0};
  void wait_for(std::uint64_t n) const {
    while (delivered.load() < n) std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
};

struct gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
};

subscriber_actor::behavior_type reader(subscriber_actor::pointer, counter* count) {
  return {[count](const event&) { count->delivered.fetch_add(1, std::memory_order_relaxed); }};
}

subscriber_actor::behavior_type blocked_reader(subscriber_actor::pointer, gate* g) {
  return {[g](const event&) {
    std::unique_lock lock(g->mutex);
    g->changed.wait(lock, [g] { return g->open; });
  }};
}

using loop_actor = caf::typed_actor<tells<recorded_events>>;
loop_actor::behavior_type bare_loop(loop_actor::pointer self, std::vector<subscriber_actor> to) {
  return {[self, to](const recorded_events& m) {
    auto message = shared_message(m.events.front());
    for (const auto& s : to) tell_shared(self, s, message);
  }};
}

event sample(std::int64_t seq) {
  event e;
  e.seq = seq;
  e.topic = "autoresearch.iteration";
  e.session_id = "0123456789ab";
  e.time = "2026-01-31T23:59:59.123Z";
  e.payload = json{{"iteration", seq}, {"metric_value", 0.875}, {"improved", true}};
  return e;
}

/// Deliveries per second of one round.
template <class Handle>
double round(const Handle& to, counter& count, std::int64_t first_seq) {
  auto goal = count.delivered.load() + events_a_round * subscribers;
  auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < events_a_round; ++i)
    caf::anon_send(to, recorded_events{{sample(first_seq + static_cast<std::int64_t>(i))}});
  count.wait_for(goal);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(events_a_round * subscribers) / took.count();
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

std::vector<subscriber_actor> spawn_readers(caf::actor_system& system, counter& count) {
  std::vector<subscriber_actor> all;
  for (std::size_t i = 0; i < subscribers; ++i) all.push_back(system.spawn(reader, &count));
  return all;
}

event_hub_actor spawn_hub(caf::actor_system& system, const std::vector<subscriber_actor>& to) {
  event_hub_actor hub =
      system.spawn<caf::detached>(event_hub, std::make_shared<testing::fake_events>());
  caf::scoped_actor self{system};
  for (const auto& s : to)
    self->request(hub, std::chrono::seconds(10), subscription{}, s)
        .receive([](const subscribed&) {}, [](const caf::error&) { std::abort(); });
  return hub;
}

struct config : caf::actor_system_config {
  config() {
    add_ratchet_types(*this);
    set("scheduler.policy", caf::atom("sharing"));
  }
};

}  // namespace

int main() {
  config settings;
  caf::actor_system system{settings};
  counter bare_count, hub_count, slow_count;
  gate g;
  auto bare_readers = spawn_readers(system, bare_count);
  auto hub_readers = spawn_readers(system, hub_count);
  auto slow_readers = spawn_readers(system, slow_count);
  subscriber_actor blocked = system.spawn<caf::detached>(blocked_reader, &g);
  auto bare = system.spawn<caf::detached>(bare_loop, bare_readers);
  auto hub = spawn_hub(system, hub_readers);
  auto with_blocked = slow_readers;
  with_blocked.push_back(blocked);
  auto slow_hub = spawn_hub(system, with_blocked);

  std::vector<double> bare_rates, hub_rates, slow_rates;
  for (int i = 0; i < rounds; ++i) {
    auto seq = static_cast<std::int64_t>(i * events_a_round) + 1;
    bare_rates.push_back(round(bare, bare_count, seq));
    if (i % 2 == 0) hub_rates.push_back(round(hub, hub_count, seq));
    slow_rates.push_back(round(slow_hub, slow_count, seq));
    if (i % 2 == 1) hub_rates.push_back(round(hub, hub_count, seq));
  }
  std::vector<double> of_bare, of_hub;  // by rounds: what disturbs one disturbs its neighbours
  for (int i = 0; i < rounds; ++i) {
    auto at = static_cast<std::size_t>(i);
    of_bare.push_back(100 * hub_rates[at] / bare_rates[at]);
    of_hub.push_back(100 * slow_rates[at] / hub_rates[at] - 100);
  }
  double b = median(bare_rates), h = median(hub_rates), s = median(slow_rates);
  std::printf("bare loop            %10.0f deliveries/s\n", b);
  std::printf("event hub            %10.0f deliveries/s  %5.1f %% of bare\n", h, median(of_bare));
  std::printf("with one blocked     %10.0f deliveries/s  %+5.1f %% of the hub\n", s,
              median(of_hub));

  {
    std::lock_guard lock(g.mutex);
    g.open = true;
  }
  g.changed.notify_all();
  for (auto* group : {&bare_readers, &hub_readers, &slow_readers})
    for (auto& reader_handle : *group)
      caf::anon_send_exit(reader_handle, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(blocked, caf::exit_reason::kill);
  caf::anon_send_exit(bare, caf::exit_reason::kill);
  caf::anon_send_exit(hub, caf::exit_reason::kill);
  caf::anon_send_exit(slow_hub, caf::exit_reason::kill);
  return h >= 500'000 && median(of_bare) >= 50 ? 0 : 1;
}
