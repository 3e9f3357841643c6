// SPDX-License-Identifier: MIT
//
// Ctrl-C, for programs and never for the library: the first one asks, the second one ends.
//
// Handlers rather than a blocked mask and a waiting thread: a blocked mask would be inherited by
// every process started meanwhile.
#pragma once

namespace ratchet::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP set `asked` and wake the reader of `descriptor`; a
/// second SIGINT or SIGTERM restores the terminal and ends the process with status 130. SIGWINCH
/// only wakes. One at a time in a process.
class interruption {
 public:
  /// `terminal`: the descriptor to restore at an end at once; -1: none.
  explicit interruption(int terminal);
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  bool asked() const;
  /// Wakes the reader too; from any thread.
  void wake();
  /// Waits until a signal or `wake`, at most so long.
  void wait_ms(int milliseconds);
};

}  // namespace ratchet::cli
