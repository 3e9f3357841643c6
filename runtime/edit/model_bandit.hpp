// SPDX-License-Identifier: MIT
//
// Which of several models is asked, by what each has gained in this session for what it costs.
// Pure; what is known comes from model_memory.hpp.
//
// It is Thompson sampling (W. R. Thompson, Biometrika 25, 1933; O. Chapelle and L. Li, An Empirical
// Evaluation of Thompson Sampling, NIPS 2011), with the reward divided by the cost as Y. Xia et al.
// do it (Thompson Sampling for Budgeted Multi-armed Bandits, IJCAI 2015): for each model a value is
// drawn from what is believed of it, and the greatest is asked. What is little known is drawn now
// high, now low, and so is tried; variants of a round that know nothing of each other draw apart.
//
//   value = keeps per iteration × gain of a keep ÷ cost of an iteration
//
//   keeps   are rare events, so their rate is drawn from a gamma distribution, the conjugate one:
//           of kept + 1 events in asked + m iterations. m is what a keep has taken in this session,
//           of any model: the prior is one keep at the session's own rate
//   gain    the mean of relative_gain over what was kept, with one keep more: the session's mean
//           times the model's weight (as a share of all models' mean weight). No gain counts for
//           more than three times the session's median one, or a first lucky stroke would rule
//   cost    in USD when every model has a price, else in tokens; the mean over the iterations that
//           it was paid for. Nothing is cheaper than a twentieth of the dearest: an iteration costs
//           its run as well, and a model that is free and useless would be asked for ever
//
// Each model is asked once before any value is drawn, in an order that is drawn by weight. A model
// that could not be reached has been asked and has gained nothing.
//
// The store's benchmark is no prior here: it counts edits that led to a measurement, over all
// projects, and says nothing of gains or costs.
#pragma once

#include <cstdint>
#include <vector>

#include "actors/logic/model_yield.hpp"
#include "runtime/llm/chat.hpp"

namespace ratchet {

/// What a session knows of one of its models.
struct model_arm {
  model_yield yield;
  long long unreached = 0;    ///< times that another one had to stand in
  std::vector<double> gains;  ///< of its newest keeps
  long long asked() const { return yield.asked + unreached; }
};

/// Which of a round's proposals this is: they are asked for at once, by the same knowledge.
struct place_in_round {
  int variant = 1;
  int variants = 1;
};

/// The models in the order in which they are to be asked, as indices; `arms` are theirs, in the
/// same order. The seed is that of the round: the same one gives the same order to each place.
std::vector<std::size_t> bandit_order(const std::vector<chat_model>& models,
                                      const std::vector<model_arm>& arms,
                                      const place_in_round& place, std::uint64_t seed);

}  // namespace ratchet
