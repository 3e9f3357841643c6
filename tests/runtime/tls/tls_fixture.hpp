// SPDX-License-Identifier: MIT
//
// A listener on loopback that knows one member, and a way to connect to it.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "runtime/os/event_loop.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::net {

/// What one thread puts in and another takes out.
template <class T>
class handed_over {
 public:
  void put(T x) {
    std::lock_guard lock(mutex_);
    all_.push_back(std::move(x));
    more_.notify_one();
  }
  /// Waits for one, at most 30 s.
  T get() {
    std::unique_lock lock(mutex_);
    if (!more_.wait_for(lock, std::chrono::seconds(30), [this] { return !all_.empty(); }))
      throw std::runtime_error("nothing came");
    T x = std::move(all_.front());
    all_.pop_front();
    return x;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<T> all_;
};

struct served_node {
  explicit served_node(listener_options options = {}) {
    auto opened = tls_listener::open(
        loop.context(), key, options,
        [this](std::string_view, const std::string& id, const std::string&) {
          return id == member.node_id();
        },
        [this](secure_connection c) {
          ++connections_taken;
          taken.put(std::move(c));
        });
    if (!opened) throw std::runtime_error(opened.error().text);
    listener = std::move(*opened);
  }
  ~served_node() { loop.stop(); }

  expected<secure_connection> connect(const node_key& as, std::string to = "",
                                      std::string_view protocol = cluster_protocol) {
    std::promise<expected<secure_connection>> done;
    connect_tls(loop.context(), as, {"127.0.0.1", listener->port()},
                to.empty() ? key.node_id() : to, protocol, std::chrono::seconds(20),
                [&](expected<secure_connection> c) { done.set_value(std::move(c)); });
    return done.get_future().get();
  }

  const node_key key = node_key::generate();
  const node_key member = node_key::generate();
  std::atomic<int> connections_taken{0};
  loop_thread loop;
  std::unique_ptr<tls_listener> listener;
  handed_over<secure_connection> taken;
};

}  // namespace ratchet::net
