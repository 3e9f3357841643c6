// SPDX-License-Identifier: MIT
//
// How long one actor waits for another (in seconds: CAF 0.17 knows no coarser unit). Every ask has
// one of these; they are far above what the work takes, so that reaching one means that something
// is lost, and never that it is slow.
#pragma once

#include <chrono>

namespace ratchet {

inline constexpr std::chrono::seconds store_timeout{120};
inline constexpr std::chrono::seconds git_timeout{3600};
inline constexpr std::chrono::seconds gate_timeout{7200};
/// An edit or an experiment may wait for a slot and then run for a week (time_budget_s' maximum).
inline constexpr std::chrono::seconds longest_step{30 * 24 * 3600};

/// One part of a base (1 MiB), or a change, on its way to a worker.
inline constexpr std::chrono::seconds transfer_timeout{600};
inline constexpr std::chrono::seconds join_timeout{60};

/// A front replaces its dead workers this often within the window, then gives up on them.
inline constexpr int restart_budget = 5;
inline constexpr std::chrono::seconds restart_window{60};

}  // namespace ratchet
