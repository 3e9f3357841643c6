// SPDX-License-Identifier: MIT
//
// process_port for real: commands, each below a supervisor process that ends its whole tree.
//
//   Ratchet ── ratchet-launcher ──┬── supervisor ── command ── …
//                                 └── supervisor ── command ── …
//
// The launcher is started once, while Ratchet is small, and forks the supervisors; so that a run
// costs the same however large Ratchet has grown. A supervisor ends every descendant of its command
// (also setsid'ed and double-forked ones) at the command's end, at its time-out, when the run is
// stopped, and when Ratchet itself ends, however it ends.
//
// Limits: a command that kills its supervisor makes the run fail, its processes are ended by the
// launcher; one that kills both escapes (not in a sandbox, on Linux 6.12 or later). Mode `none`
// keeps no process from talking to services outside. A process in uninterruptible sleep delays the
// end of a run, at most 30 s; then the run fails and says so.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/process_port.hpp"

namespace ratchet {

/// $RATCHET_LAUNCHER, else ratchet-launcher beside this program, else in ../libexec/ratchet/ seen
/// from there. Empty when there is none.
std::filesystem::path find_launcher();

/// Starts the launcher, or leaves that to the first run (`when_needed`). `process_failed` when that
/// is not possible. The port is safe to use from
/// many threads; each run occupies its calling thread. Sandbox levels in `isolation` are "none",
/// "network", "network+mounts", and "mounts" where the network was wanted.
expected<std::shared_ptr<process_port>> open_process_runner(const std::filesystem::path& launcher,
                                                            bool when_needed = false);

}  // namespace ratchet
