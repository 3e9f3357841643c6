// SPDX-License-Identifier: MIT
//
// The process between Ratchet and one command.
#pragma once

namespace ratchet::launch {

/// Runs one request to its end in the calling process, a fresh fork of the launcher, and exits:
/// 0 when no descendant is left, whatever the outcome. Takes its three descriptors over.
///
/// Promises that every descendant is ended before the report is sent: at the command's end, at the
/// deadline, on the cancel byte (both with SIGTERM first), and at the control socket's end of file,
/// which is Ratchet's death. Proof of it is ECHILD in a child subreaper.
[[noreturn]] void supervise(int control, int output, int input);

/// What the processes of the launcher share about signals: all are blocked but SIGCHLD inside
/// ppoll, so that none is missed and none but SIGKILL and SIGSTOP disturbs.
void block_signals();

/// Waits until `fd` is readable (-1: none), a child changed, or `timeout_ns` passed (-1: never).
/// Returns whether `fd` is readable.
bool wait_for_event(int fd, long long timeout_ns);

}  // namespace ratchet::launch
