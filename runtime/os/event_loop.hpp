// SPDX-License-Identifier: MIT
//
// One thread on which clients, connections, timers and the answers of tools meet, so that nothing
// of theirs needs a lock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace boost::asio {
class io_context;
}

namespace ratchet {

class event_loop {
 public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Runs what is posted, and timers, until stop().
  void run();
  /// From any thread.
  void stop();
  /// Runs `work` on the loop's thread, after what was posted before. From any thread.
  void post(std::function<void()> work);

  /// Call `work` once after `delay`, or again and again. Until the token is destroyed; on the
  /// loop's thread only.
  std::shared_ptr<void> after(std::chrono::milliseconds delay, std::function<void()> work);
  std::shared_ptr<void> every(std::chrono::milliseconds interval, std::function<void()> work);

  /// SIGINT and SIGTERM stop the loop from here on; a second one ends the process at once.
  void stop_at_signals();

  boost::asio::io_context& context();

 private:
  std::unique_ptr<boost::asio::io_context> context_;
  std::shared_ptr<void> signals_;
};

/// A loop with a thread of its own.
class loop_thread {
 public:
  loop_thread() : thread_([this] { loop_.run(); }) {}
  /// Stops the thread; what still waits is dropped with its handlers.
  ~loop_thread() { stop(); }
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  boost::asio::io_context& context() { return loop_.context(); }
  /// From any thread but the loop's own; afterwards no handler runs any more.
  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  event_loop loop_;
  std::thread thread_;
};

}  // namespace ratchet
