// SPDX-License-Identifier: MIT
//
// What the edits of each model came to in a session, and what they cost: the report's table, and
// what a choice between models is made from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"

namespace ratchet {

struct model_yield {
  std::string model;
  long long asked = 0;    ///< iterations whose edit it was to write
  long long applied = 0;  ///< of them those with a candidate
  long long kept = 0;
  double gain = 0;  ///< of what was kept, the sum of relative_gain
  long long calls = 0;
  long long counted_tokens = 0;                ///< as edit_usage counts them
  std::optional<double> counted_cost_usd = 0;  ///< null for a model without a price

  static constexpr auto fields() {
    using y = model_yield;
    return field_list{field{"model", &y::model},
                      field{"asked", &y::asked},
                      field{"applied", &y::applied},
                      field{"kept", &y::kept},
                      field{"gain", &y::gain},
                      field{"calls", &y::calls},
                      field{"counted_tokens", &y::counted_tokens},
                      field{"counted_cost_usd", &y::counted_cost_usd}};
  }
};

/// How much better a kept iteration made the best code: the difference of the metric, as a share of
/// the greater of its two values. Halving a time and doubling a rate are both 0.5, and a step away
/// from 0 is 1 and not infinite. 0 unless it was kept; 1 where there was no value before.
double relative_gain(const iteration_record& row);

/// One iteration more that this model was asked for, of which nothing but its cost is known.
void count_asked(model_yield& yield, const edit_usage& usage);

/// One iteration more. It has to tell its usage.
void count_iteration(model_yield& yield, const iteration_record& row);

/// Of all iterations that tell which model wrote them; models in the order of their first.
std::vector<model_yield> yields_of(const std::vector<iteration_record>& rows);

/// What a counted cost brought: per USD, or per million tokens. Nothing without a cost.
std::optional<double> gain_per_usd(const model_yield& yield);
std::optional<double> gain_per_million_tokens(const model_yield& yield);

}  // namespace ratchet
