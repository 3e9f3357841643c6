// SPDX-License-Identifier: MIT
#include "runtime/net/remote_events.hpp"

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/watched_request.hpp"
#include "messages/type_ids.hpp"

namespace ratchet::net {

namespace {

/// A node that does not answer a subscription within this is asked again, from the beginning.
constexpr std::chrono::seconds answer_timeout{30};

}  // namespace

/// A thread that connects, subscribes and hands on what comes until the connection ends. It is
/// itself the subscriber, a new one for each connection: what an old one was still to be sent goes
/// nowhere.
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
    while (!stopped_) {
      const auto before = wanted_.after_seq;
      const auto ended = follow_once();
      if (stopped_ || (told_.interrupted && !told_.interrupted(ended))) return;
      if (wanted_.after_seq > before) pause = first_pause;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, pause, [this] { return stopped_.load(); });
      pause = std::min(2 * pause, longest_pause);
    }
  }

  /// One connection: why it ended.
  failure follow_once() {
    auto hub = node_.events();
    if (!hub) return hub.error();
    caf::scoped_actor self{node_.system()};
    auto taken =
        ask_watched<subscribed>(node_.system(), *hub, answer_timeout, "the node's event_hub",
                                wanted_, caf::actor_cast<subscriber_actor>(self));
    if (!taken) return taken.error();
    if (wanted_.after_seq < 0) wanted_.after_seq = taken->last_seq;
    if (told_.taken) told_.taken(*taken);
    hand_on(self, *hub);
    if (stopped_) self->send(*hub, unsubscribe{taken->id});
    return fail(errc::worker_lost, "the connection to the node at " + node_.address() + " ended");
  }

  void hand_on(caf::scoped_actor& self, const event_hub_actor& hub) {
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return;
      listening_ = caf::actor_cast<caf::actor>(self);
    }
    self->monitor(hub);
    bool ended = false;
    self->do_receive(
            [&](const event& e) {
              if (stopped_ || e.seq <= wanted_.after_seq) return;
              wanted_.after_seq = e.seq;
              told_.deliver(e);
            },
            [&](const caf::down_msg&) { ended = true; }, [](caf::ok_atom) {})
        .until([&] { return ended || stopped_; });
    std::lock_guard lock(mutex_);
    listening_ = nullptr;
  }

  remote_node& node_;
  subscription wanted_;  ///< after_seq moves on with what was handed on
  const hooks told_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopped_{false};
  caf::actor listening_;  ///< this thread, while it waits for events
  std::thread thread_;
};

remote_events::remote_events(remote_node& node, subscription wanted, hooks told)
    : follower_(std::make_unique<follower>(node, std::move(wanted), std::move(told))) {}
remote_events::~remote_events() = default;

}  // namespace ratchet::net
