// SPDX-License-Identifier: MIT
//
// The one thread that a server's protocol runs on: clients, timers and the answers of tools meet
// here, so that nothing of it needs a lock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace ratchet::mcp {

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

  boost::asio::io_context& context();

 private:
  std::unique_ptr<boost::asio::io_context> context_;
};

}  // namespace ratchet::mcp
