// SPDX-License-Identifier: MIT
#include "runtime/mcp/stdio.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace ratchet::mcp {

namespace {

/// After the end of the input, calls get so long to end by themselves (a look at a session takes
/// milliseconds); then they are cancelled, as nobody waits for them.
constexpr std::chrono::milliseconds wait_interval{10};
constexpr int looks = 25;
constexpr std::chrono::milliseconds flush_patience{1000};
/// A pipe that is ready has room for PIPE_BUF bytes at least; more might block.
constexpr std::size_t sure_room = 4096;

void make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
}

void close_pipe(int ends[2]) {
  for (int i = 0; i < 2; ++i)
    if (ends[i] >= 0) close(ends[i]);
}

}  // namespace

// -- writing --------------------------------------------------------------------------------------

line_writer::line_writer(int descriptor) : descriptor_(descriptor) {
  make_pipe(wake_);
  thread_ = std::thread([this] { work(); });
}

line_writer::~line_writer() {
  stop();
  thread_.join();
  close_pipe(wake_);
}

void line_writer::write(std::string line) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  line += '\n';
  // What surely fits goes at once: waking the thread takes longer than the write.
  pollfd room{descriptor_, POLLOUT, 0};
  if (bytes_ == 0 && line.size() <= sure_room && poll(&room, 1, 0) == 1 &&
      room.revents == POLLOUT) {
    const auto n = ::write(descriptor_, line.data(), line.size());
    if (n == static_cast<ssize_t>(line.size())) return;
    if (n > 0) line.erase(0, static_cast<std::size_t>(n));
  }
  bytes_ += line.size();
  lines_.push_back(std::move(line));
  changed_.notify_all();
}

std::size_t line_writer::waiting_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

bool line_writer::wait_below(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || bytes_ <= bytes; });
  return !stopped_;
}

void line_writer::flush(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [&] { return stopped_ || bytes_ == 0; });
}

void line_writer::stop() {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  stopped_ = true;
  changed_.notify_all();
  [[maybe_unused]] auto n = ::write(wake_[1], "", 1);
}

void line_writer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopped_ || !lines_.empty(); });
    if (stopped_) return;
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    lock.unlock();
    std::size_t written = 0;
    while (written < line.size()) {
      // Wait for room rather than block in write(): stop() must be able to end this.
      std::array<pollfd, 2> ready{pollfd{descriptor_, POLLOUT, 0}, pollfd{wake_[0], POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
      if (ready[1].revents != 0) break;
      auto n = ::write(descriptor_, line.data() + written,
                       std::min<std::size_t>(line.size() - written, sure_room));
      if (n < 0 && errno != EINTR && errno != EAGAIN) break;
      if (n > 0) written += static_cast<std::size_t>(n);
    }
    lock.lock();
    bytes_ -= std::min(bytes_, line.size());
    if (written < line.size()) stopped_ = true;  // nobody reads
    changed_.notify_all();
  }
}

// -- the server -----------------------------------------------------------------------------------

stdio_server::stdio_server(event_loop& loop, service& offered, int input, int output, int hang_up,
                           std::function<void()> ended)
    : loop_(loop),
      input_(input),
      hang_up_(hang_up),
      ended_(std::move(ended)),
      writer_(output),
      connection_(connection::open(offered, [this](const json& message, const json&) {
        const bool may_be_dropped = message.value("method", "") == "notifications/progress";
        if (may_be_dropped && writer_.waiting_bytes() > progress_limit) return;
        writer_.write(one_line(message));
      })) {
  make_pipe(stop_);
  reader_ = std::thread([this] { read(); });
}

stdio_server::~stdio_server() {
  connection_->close();
  writer_.stop();
  [[maybe_unused]] auto n = ::write(stop_[1], "", 1);
  reader_.join();
  close_pipe(stop_);
}

void stdio_server::read() {
  std::array<char, 1 << 16> buffer;
  while (writer_.wait_below(reading_limit)) {
    std::array<pollfd, 3> ready{pollfd{input_, POLLIN, 0}, pollfd{stop_[0], POLLIN, 0},
                                pollfd{hang_up_, POLLIN, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (ready[1].revents != 0) return;
    if (ready[0].revents != 0) {  // first: what was said before the host went is heard
      auto n = ::read(input_, buffer.data(), buffer.size());
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) break;
      take(buffer.data(), static_cast<std::size_t>(n));
      continue;
    }
    if (ready[2].revents != 0) break;
  }
  if (!line_.empty() || too_long_) take_line(std::exchange(line_, {}), too_long_);
  loop_.post([this] { input_ended(); });
}

void stdio_server::take(const char* bytes, std::size_t size) {
  const char* end = bytes + size;
  while (bytes != end) {
    const char* newline = std::find(bytes, end, '\n');
    if (!too_long_) line_.append(bytes, newline);
    if (line_.size() > max_message_bytes) {  // the rest is read and dropped, up to the next line
      too_long_ = true;
      line_ = {};
    }
    if (newline == end) return;
    take_line(std::exchange(line_, {}), std::exchange(too_long_, false));
    bytes = newline + 1;
  }
}

void stdio_server::take_line(std::string line, bool too_long) {
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty() && !too_long) return;
  auto message = too_long ? rpc_message(rpc_unreadable{rpc_failure(
                                nullptr, rpc_error::invalid_request,
                                "the message is longer than " + std::to_string(max_message_bytes) +
                                    " bytes, the most that is read")})
                          : parse_message(line);
  loop_.post([this, message = std::move(message)] { connection_->receive(message); });
}

void stdio_server::input_ended() { wait_for_calls(looks); }

void stdio_server::wait_for_calls(int looks_left) {
  if (connection_->calls_under_way() > 0 && looks_left > 0) {
    timer_ = loop_.after(wait_interval, [this, looks_left] { wait_for_calls(looks_left - 1); });
    return;
  }
  connection_->close();
  writer_.flush(flush_patience);
  if (ended_) std::exchange(ended_, nullptr)();
}

}  // namespace ratchet::mcp
