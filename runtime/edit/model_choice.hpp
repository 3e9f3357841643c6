// SPDX-License-Identifier: MIT
//
// Which of several models is asked: by weight, or by the benchmark of this store. Pure.
// (model_bandit.hpp chooses by what the session itself has seen.)
#pragma once

#include <cstdint>
#include <vector>

#include "messages/benchmarks.hpp"
#include "runtime/edit/random.hpp"
#include "runtime/llm/chat.hpp"

namespace ratchet {

/// These models, as indices, in an order that is drawn by weight.
std::vector<std::size_t> drawn_by_weight(const std::vector<chat_model>& models,
                                         std::vector<std::size_t> of, random_source& draw);

/// The models in the order in which they are to be asked, as indices: the chosen one, then those
/// that stand in for it when it cannot be reached. The draw is by weight until every model has a
/// score (5 samples); from then on four of five go to the one that the benchmark calls best, and
/// the fifth is drawn, so that the figures stay true. The same seed always gives the same order.
std::vector<std::size_t> model_order(const std::vector<chat_model>& models,
                                     const std::vector<model_score>& scores, std::uint64_t seed);

}  // namespace ratchet
