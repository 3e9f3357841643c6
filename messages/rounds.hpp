// SPDX-License-Identifier: MIT
//
// Candidates side by side in the answers of their steps: one entry a candidate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet {

/// One of several candidates side by side (hive_parallel): an iteration of its own.
struct edited_variant {
  int iteration = 0;
  bool success = false;
  std::string hypothesis;
  std::vector<std::string> files_changed;
  std::string reason;  ///< why there is none

  static constexpr auto fields() {
    using v = edited_variant;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"iteration", &v::iteration}, field{"success", &v::success},
                      field{"hypothesis", &v::hypothesis, if_set},
                      field{"files_changed", &v::files_changed, if_set},
                      field{"reason", &v::reason, if_set}};
  }
};

/// What came of one of those candidates that were measured, before the best of them went on.
struct measured_variant {
  int iteration = 0;
  std::optional<double> metric_value;
  bool improved = false;
  std::optional<std::string> error;
  double duration_s = 0;
  std::string worker;  ///< which worker ran it; empty: this node
  std::string reason;  ///< why it did not improve, with the numbers

  static constexpr auto fields() {
    using v = measured_variant;
    return field_list{field{"iteration", &v::iteration},
                      field{"metric_value", &v::metric_value},
                      field{"improved", &v::improved},
                      field{"error", &v::error},
                      field{"duration_s", &v::duration_s},
                      field{"worker", &v::worker, presence::if_set},
                      field{"reason", &v::reason, presence::if_set}};
  }
};

}  // namespace ratchet
