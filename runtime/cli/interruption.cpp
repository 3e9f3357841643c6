// SPDX-License-Identifier: MIT
#include "runtime/cli/interruption.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "runtime/cli/live_block.hpp"

namespace ratchet::cli {

namespace {

// Signal handlers reach nothing but these.
volatile sig_atomic_t asked_times = 0;
int wake_pipe[2] = {-1, -1};
int terminal_descriptor = -1;

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
std::array<struct sigaction, signals.size()> previous;

void on_signal(int number) {
  const int saved = errno;
  if (number != SIGWINCH) {
    if (asked_times > 0 && number != SIGHUP) {
      if (terminal_descriptor >= 0) {
        [[maybe_unused]] ssize_t n =
            write(terminal_descriptor, terminal_restored.data(), terminal_restored.size());
      }
      _exit(130);
    }
    asked_times = asked_times + 1;
  }
  [[maybe_unused]] ssize_t n = write(wake_pipe[1], "", 1);
  errno = saved;
}

}  // namespace

interruption::interruption(int terminal) {
  asked_times = 0;
  terminal_descriptor = terminal;
  if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) wake_pipe[0] = wake_pipe[1] = -1;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &previous[i]);
}

interruption::~interruption() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &previous[i], nullptr);
  for (int& end : wake_pipe) {
    close(end);
    end = -1;
  }
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
