// SPDX-License-Identifier: MIT
//
// The baseline_delta gate, and what a gate that could not be asked counts for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/jobs.hpp"
#include "messages/sessions.hpp"

namespace ratchet {

/// Compares the guard metrics measured now with the experiment's latest snapshot. One that is worse
/// in its direction by more than its `max_regression` is a regression, named like
/// "latency_ms 12 -> 14.1 (+17.5 %, allowed 5 %)"; so is one that was not measured. A guard that
/// the snapshot does not have is not compared, without a snapshot none is: then the verdict is not
/// enforced and says so.
gate_verdict baseline_delta(const std::vector<guard_metric>& guards,
                            const std::map<std::string, double>& measured,
                            const std::optional<snapshot>& before);

/// Each guard's value now, before, and the worst that baseline_delta() lets pass.
std::map<std::string, guard_finding> guards_found(const std::vector<guard_metric>& guards,
                                                  const std::map<std::string, double>& measured,
                                                  const std::map<std::string, double>& before);

/// The verdict of `gate` under that name. One that erred lets the candidate pass unenforced, or
/// with the policy `closed` refuses it; the reason is the error.
gate_verdict settled(const std::string& gate, const expected<gate_verdict>& answer,
                     gate_error_policy policy);

}  // namespace ratchet
