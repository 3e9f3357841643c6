// SPDX-License-Identifier: MIT
//
// How long one actor waits for another. Every ask has one of these; they are far above what the
// work takes, so that reaching one means that something is lost, and never that it is slow.
#pragma once

#include <chrono>

namespace ratchet {

inline constexpr std::chrono::minutes store_timeout{2};
inline constexpr std::chrono::hours git_timeout{1};
inline constexpr std::chrono::hours gate_timeout{2};
/// An edit or an experiment may wait for a slot and then run for a week (time_budget_s' maximum).
inline constexpr std::chrono::hours longest_step{24 * 30};

/// A front replaces its dead workers this often within the window, then gives up on them.
inline constexpr int restart_budget = 5;
inline constexpr std::chrono::seconds restart_window{60};

}  // namespace ratchet
