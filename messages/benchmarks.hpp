// SPDX-License-Identifier: MIT
//
// Which tool does which kind of task how well.
#pragma once

#include <optional>
#include <string>

#include "messages/json.hpp"

namespace ratchet {

/// One run, failed ones too, and one edit of a model that came to nothing. `tool_name` is the edit
/// backend, `model_name` its model if it has one.
struct benchmark_row {
  std::string task_type = "autoresearch";
  std::string tool_name;
  std::string model_name;
  std::string user_id;  ///< the goal, else the session
  double completion_time_s = 0;
  bool success = false;
  bool offloaded = false;  ///< ran on another machine
  double timestamp = 0;    ///< seconds since 1970 UTC

  static constexpr auto fields() {
    using b = benchmark_row;
    return field_list{field{"task_type", &b::task_type},
                      field{"tool_name", &b::tool_name},
                      field{"model_name", &b::model_name},
                      field{"user_id", &b::user_id},
                      field{"completion_time_s", &b::completion_time_s},
                      field{"success", &b::success},
                      field{"offloaded", &b::offloaded},
                      field{"timestamp", &b::timestamp}};
  }
};

struct tool_score {
  std::string task_type;
  std::string tool_name;
  double success_rate = 0;  ///< share of runs that had a metric, 0 … 1
  double avg_time_s = 0;
  long long sample_count = 0;
  std::optional<double> kept_rate;  ///< share of measured candidates that were kept, 0 … 1
  std::optional<double> gain;       ///< mean of what each of them gained on the best, 0.02 is 2 %

  static constexpr auto fields() {
    using s = tool_score;
    return field_list{field{"task_type", &s::task_type},
                      field{"tool_name", &s::tool_name},
                      field{"success_rate", &s::success_rate},
                      field{"avg_time_s", &s::avg_time_s},
                      field{"sample_count", &s::sample_count},
                      field{"kept_rate", &s::kept_rate, presence::if_set},
                      field{"gain", &s::gain, presence::if_set}};
  }
};

/// How the edits of one model did: a sample is a run, or an edit that came to nothing.
struct model_score {
  std::string model_name;
  double success_rate = 0;  ///< 0 … 1
  double avg_time_s = 0;
  long long sample_count = 0;

  static constexpr auto fields() {
    using s = model_score;
    return field_list{field{"model_name", &s::model_name}, field{"success_rate", &s::success_rate},
                      field{"avg_time_s", &s::avg_time_s}, field{"sample_count", &s::sample_count}};
  }
};

}  // namespace ratchet
