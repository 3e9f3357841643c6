// SPDX-License-Identifier: MIT
#include "runtime/net/remote_events.hpp"

#include <caf/scoped_actor.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/limits.hpp"
#include "messages/type_ids.hpp"

namespace ratchet::net {

/// Its thread connects, subscribes and waits for the end of each connection; the events come on the
/// thread of an actor.
class remote_events::follower {
 public:
  follower(remote_node& node, subscription wanted, hooks told)
      : node_(node), wanted_(std::move(wanted)), told_(std::move(told)) {
    thread_ = std::thread([this] { follow(); });
  }

  ~follower() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
      if (listening_) caf::anon_send(listening_, caf::ok_atom::value);
    }
    thread_.join();
  }

 private:
  void follow() {
    auto pause = first_pause;
    while (true) {
      const auto before = seen();
      auto ended = follow_once();
      {
        std::unique_lock lock(mutex_);
        if (stopped_) return;
      }
      if (told_.interrupted && !told_.interrupted(ended)) return;
      pause = seen() > before ? first_pause : pause;
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, pause, [this] { return stopped_; })) return;
      pause = std::min(2 * pause, longest_pause);
    }
  }

  /// One connection: subscribes, and returns why it ended.
  failure follow_once() {
    auto front = node_.join();
    if (!front) return front.error();
    caf::scoped_actor self{node_.system()};
    expected<event_hub_actor> hub = fail(errc::internal, "");
    self->request(*front, store_timeout, find_roles{})
        .receive([&](const session_registry_actor&, const event_hub_actor& h,
                     const gate_chain_actor&) { hub = h; },
                 [&](const caf::error& e) { hub = as_failure(e, "the node"); });
    if (!hub) return hub.error();
    auto subscriber = node_.system().spawn<caf::detached>(
        [this](subscriber_actor::pointer) -> subscriber_actor::behavior_type {
          return {[this](const event& e) { hand_on(e); }};
        });
    auto ended = listen(self, *hub, subscriber);
    // Whatever it was sent until now is handed on or dropped before the next one begins.
    self->monitor(subscriber);
    self->send_exit(subscriber, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    return ended;
  }

  failure listen(caf::scoped_actor& self, const event_hub_actor& hub,
                 const subscriber_actor& subscriber) {
    subscription wanted = wanted_;
    {
      std::lock_guard lock(mutex_);
      wanted.after_seq = wanted_.after_seq;
    }
    expected<subscribed> taken = fail(errc::internal, "");
    self->request(hub, store_timeout, wanted, subscriber)
        .receive([&](const subscribed& s) { taken = s; },
                 [&](const caf::error& e) { taken = as_failure(e, "the node's event_hub"); });
    if (!taken) return taken.error();
    {
      std::lock_guard lock(mutex_);
      if (wanted_.after_seq < 0) wanted_.after_seq = taken->last_seq;
    }
    if (told_.taken) told_.taken(*taken);
    self->monitor(hub);
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return fail(errc::cancelled, "stopped");
      listening_ = caf::actor_cast<caf::actor>(self);
    }
    bool stopped = false;
    self->receive([](const caf::down_msg&) {}, [&](caf::ok_atom) { stopped = true; });
    if (stopped) self->send(hub, unsubscribe{taken->id});
    {
      std::lock_guard lock(mutex_);
      listening_ = nullptr;
    }
    return fail(errc::worker_lost, "the connection to the node at " + node_.address() + " ended");
  }

  void hand_on(const event& e) {
    {
      std::lock_guard lock(mutex_);
      if (stopped_ || e.seq <= wanted_.after_seq) return;
      wanted_.after_seq = e.seq;
    }
    told_.deliver(e);
  }

  std::int64_t seen() {
    std::lock_guard lock(mutex_);
    return wanted_.after_seq;
  }

  remote_node& node_;
  std::mutex mutex_;
  std::condition_variable changed_;
  subscription wanted_;  ///< after_seq moves on with what was handed on
  const hooks told_;
  bool stopped_ = false;
  caf::actor listening_;  ///< waits for the end of the connection, or to be told to stop
  std::thread thread_;
};

remote_events::remote_events(remote_node& node, subscription wanted, hooks told)
    : follower_(std::make_unique<follower>(node, std::move(wanted), std::move(told))) {}
remote_events::~remote_events() = default;

}  // namespace ratchet::net
