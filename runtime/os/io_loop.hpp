// SPDX-License-Identifier: MIT
//
// A thread that runs an io_context: connections and timers of one owner meet on it, so that nothing
// of theirs needs a lock.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace ratchet::net {

class io_loop {
 public:
  io_loop() : forever_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  /// Stops the thread; what still waits is dropped with its handlers.
  ~io_loop() { stop(); }
  io_loop(const io_loop&) = delete;
  io_loop& operator=(const io_loop&) = delete;

  boost::asio::io_context& context() { return context_; }
  /// From any thread but the loop's own; afterwards no handler runs any more.
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> forever_;
  std::thread thread_;
};

}  // namespace ratchet::net
