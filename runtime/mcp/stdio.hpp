// SPDX-License-Identifier: MIT
//
// The stdio transport: one JSON-RPC message a line in both directions, and nothing else.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/mcp/connection.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::mcp {

/// Writes lines to a descriptor from a thread of its own, so that a client that does not read
/// blocks nothing but itself.
class line_writer {
 public:
  explicit line_writer(int descriptor);
  ~line_writer();
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;

  void write(std::string line);
  std::size_t waiting_bytes() const;
  /// Blocks while more than `bytes` wait to be written; false once nobody reads any more.
  bool wait_below(std::size_t bytes);
  /// Waits until all is written, at most so long.
  void flush(std::chrono::milliseconds at_most);
  /// Ends the thread; what is not written is dropped.
  void stop();

 private:
  void work();

  const int descriptor_;
  int wake_[2];  ///< ends a write that blocks
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;  ///< of lines_ and the one being written
  bool stopped_ = false;
  std::thread thread_;
};

class stdio_server {
 public:
  /// Bytes waiting for the client beyond which progress is left out, and beyond which nothing more
  /// is read from it.
  static constexpr std::size_t progress_limit = 1 << 20;
  static constexpr std::size_t reading_limit = 32 << 20;

  /// Serves the client at `input` and `output`. `ended` is called once, on the loop, when the
  /// input has ended (or `hang_up`, a descriptor, has: the host is gone), the calls that were under
  /// way are answered or cancelled, and the answers are written.
  stdio_server(event_loop& loop, service& offered, int input, int output, int hang_up,
               std::function<void()> ended);
  ~stdio_server();
  stdio_server(const stdio_server&) = delete;
  stdio_server& operator=(const stdio_server&) = delete;

 private:
  void read();
  void take(const char* bytes, std::size_t size);
  void take_line(std::string line, bool too_long);
  void input_ended();
  void wait_for_calls(int looks_left);

  event_loop& loop_;
  const int input_;
  const int hang_up_;
  std::function<void()> ended_;
  line_writer writer_;
  std::shared_ptr<connection> connection_;
  std::shared_ptr<void> timer_;
  int stop_[2];       ///< ends the reading
  std::string line_;  ///< begun and not ended
  bool too_long_ = false;
  std::thread reader_;
};

}  // namespace ratchet::mcp
