// SPDX-License-Identifier: MIT
//
// What is known of the best code's metric: the pooled median of its runs, so that no lucky one
// stands for it. Kept in the session's state, of the session's own class of machine only.
#pragma once

#include "actors/logic/session_ledger.hpp"

namespace ratchet {

/// The baseline is the best so far.
void begin_record(session_ledger& s, const run_result& baseline, const session_settings& settings);

/// The best code was measured again beside a candidate: best_metric (and baseline_metric, while
/// nothing was kept) is the median of its newest 64 runs. A metric that was taken for deterministic
/// and differs is noisy from here on. The first `known` samples were taken before.
void extend_record(session_ledger& s, const run_result& beside, const session_settings& settings,
                   std::size_t known = 0);

/// A candidate is the best from here on, known by the runs that confirmed it.
void renew_record(session_ledger& s, const run_result& kept);

}  // namespace ratchet
