// SPDX-License-Identifier: MIT
#include "runtime/edit/model_bandit.hpp"

#include <algorithm>
#include <numeric>

#include "actors/logic/paired_test.hpp"
#include "runtime/edit/model_choice.hpp"
#include "runtime/edit/random.hpp"

namespace ratchet {

namespace {

constexpr double most_medians = 3;
constexpr double least_share_of_the_dearest = 1.0 / 20;

/// What a session's models have shown together: the prior of each.
class shown_together {
 public:
  shown_together(const std::vector<chat_model>& models, const std::vector<model_arm>& arms)
      : priced_(std::all_of(models.begin(), models.end(),
                            [](const chat_model& m) { return m.price.has_value(); })) {
    for (const auto& m : models) weight_ += m.weight / static_cast<double>(models.size());
    learn_rate(arms);
    learn_gains(arms);
    learn_costs(arms);
  }

  double drawn_value(const chat_model& model, const model_arm& arm, random_source& draw) const {
    double events = 0;  // a sum of kept + 1 exponentials is a gamma
    for (long long i = 0; i <= arm.yield.kept; ++i) events += draw.exponential();
    const double rate = events / (static_cast<double>(arm.asked()) + asked_per_keep_);
    return rate * gain_of(model, arm) / cost_of(arm);
  }

 private:
  void learn_rate(const std::vector<model_arm>& arms) {
    double asked = 1, kept = 1;
    for (const auto& arm : arms) {
      asked += static_cast<double>(arm.asked());
      kept += static_cast<double>(arm.yield.kept);
    }
    asked_per_keep_ = asked / kept;
  }

  void learn_gains(const std::vector<model_arm>& arms) {
    std::vector<double> all;
    for (const auto& arm : arms) all.insert(all.end(), arm.gains.begin(), arm.gains.end());
    most_gain_ = most_medians * median(all);
    if (most_gain_ == 0) return;
    gain_ = capped_sum(all) / static_cast<double>(all.size());
  }

  void learn_costs(const std::vector<model_arm>& arms) {
    double paid = 0, sum = 0, dearest = 0;
    for (const auto& arm : arms) {
      if (arm.yield.asked == 0) continue;
      paid += 1;
      sum += mean_cost(arm);
      dearest = std::max(dearest, mean_cost(arm));
    }
    if (dearest == 0) return;
    cost_ = sum / paid;
    least_cost_ = dearest * least_share_of_the_dearest;
  }

  double capped_sum(const std::vector<double>& gains) const {
    return std::accumulate(gains.begin(), gains.end(), 0.0, [this](double sum, double gain) {
      return sum + std::min(gain, most_gain_);
    });
  }

  double gain_of(const chat_model& model, const model_arm& arm) const {
    return (capped_sum(arm.gains) + gain_ * model.weight / weight_) /
           (static_cast<double>(arm.gains.size()) + 1);
  }

  double mean_cost(const model_arm& arm) const {
    const double cost = priced_ ? arm.yield.counted_cost_usd.value_or(0)
                                : static_cast<double>(arm.yield.counted_tokens);
    return cost / static_cast<double>(arm.yield.asked);
  }

  /// Of one that was never reached, nobody knows: it is taken to cost what the others do.
  double cost_of(const model_arm& arm) const {
    if (least_cost_ == 0 || arm.yield.asked == 0) return cost_;
    return std::max(mean_cost(arm), least_cost_);
  }

  bool priced_;
  double weight_ = 0;
  double asked_per_keep_ = 1;
  double most_gain_ = 0;
  double gain_ = 1;
  double cost_ = 1;
  double least_cost_ = 0;  ///< 0: none has cost anything
};

/// The greatest drawn value first.
std::vector<std::size_t> drawn_by_value(const std::vector<chat_model>& models,
                                        const std::vector<model_arm>& arms,
                                        std::vector<std::size_t> of, random_source& draw) {
  const shown_together all(models, arms);
  std::vector<double> values(models.size());
  for (auto i : of) values[i] = all.drawn_value(models[i], arms[i], draw);
  std::stable_sort(of.begin(), of.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return of;
}

std::vector<std::size_t> followed_by(std::vector<std::size_t> first,
                                     const std::vector<std::size_t>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

std::vector<std::size_t> bandit_order(const std::vector<chat_model>& models,
                                      const std::vector<model_arm>& arms,
                                      const place_in_round& place, std::uint64_t seed) {
  std::vector<std::size_t> fresh, tried;
  for (std::size_t i = 0; i < models.size(); ++i)
    (arms[i].asked() == 0 ? fresh : tried).push_back(i);
  random_source shared(seed);
  fresh = drawn_by_weight(models, std::move(fresh), shared);
  random_source own(shared.next() + static_cast<std::uint64_t>(place.variant));
  tried = drawn_by_value(models, arms, std::move(tried), own);
  // The last of a round takes the first: its state is the one that is kept, and only a state knows
  // of a model that could not be reached.
  const auto taken = static_cast<std::size_t>(place.variants - place.variant);
  if (fresh.empty() || (taken >= fresh.size() && !tried.empty())) return followed_by(tried, fresh);
  std::rotate(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(taken % fresh.size()),
              fresh.end());
  return followed_by(fresh, tried);
}

}  // namespace ratchet
