// SPDX-License-Identifier: MIT
//
// The picture of a session: the metric of every iteration, what was kept, and the best so far.
#pragma once

#include <string>
#include <vector>

#include "messages/experiments.hpp"

namespace ratchet {

/// A complete SVG 1.1 document of 1000 × 560 units, light or dark as the viewer prefers, without
/// scripts or outside references. `session` is the progress object; of it `session_id`,
/// `baseline_metric` and `best_metric` are used where they are there. Any number of results in any
/// order; dots that would cover each other are drawn once. Values far from what was kept are
/// drawn at the edge, and the picture says how many. Never throws on odd content.
std::string render_progress_svg(const json& session, const session_settings& settings,
                                const std::vector<iteration_record>& results);

}  // namespace ratchet
