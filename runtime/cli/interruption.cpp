// SPDX-License-Identifier: MIT
#include "runtime/cli/interruption.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "runtime/cli/live_block.hpp"

namespace ratchet::cli {

namespace {

// Signal handlers reach nothing but these. They run on any thread, and one may still be in the
// middle of a handler when the main thread has put the old handlers back: the pipe stays open.
std::atomic<int> asked_times = 0;
std::atomic<int> terminal_descriptor = -1;
static_assert(std::atomic<int>::is_always_lock_free);
int wake_pipe[2] = {-1, -1};

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
std::array<struct sigaction, signals.size()> previous;

void on_signal(int number) {
  const int saved = errno;
  if (number != SIGWINCH) {
    const bool again = asked_times.fetch_add(1) > 0;
    if (again && number != SIGHUP) {
      if (const int terminal = terminal_descriptor; terminal >= 0) {
        [[maybe_unused]] ssize_t n =
            write(terminal, terminal_restored.data(), terminal_restored.size());
      }
      _exit(130);
    }
  }
  [[maybe_unused]] ssize_t n = write(wake_pipe[1], "", 1);
  errno = saved;
}

}  // namespace

interruption::interruption(int terminal) {
  asked_times = 0;
  terminal_descriptor = terminal;
  if (wake_pipe[0] < 0 && pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    wake_pipe[0] = wake_pipe[1] = -1;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &previous[i]);
}

interruption::~interruption() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &previous[i], nullptr);
}

bool interruption::asked() const { return asked_times > 0; }

void interruption::wake() { [[maybe_unused]] ssize_t n = write(wake_pipe[1], "", 1); }

void interruption::wait_ms(int milliseconds) {
  pollfd readable{wake_pipe[0], POLLIN, 0};
  poll(&readable, 1, milliseconds);
  std::array<char, 256> bytes{};
  while (read(wake_pipe[0], bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace ratchet::cli
