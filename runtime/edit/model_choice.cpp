// SPDX-License-Identifier: MIT
#include "runtime/edit/model_choice.hpp"

#include <algorithm>
#include <numeric>

namespace ratchet {

namespace {

constexpr double share_of_the_best = 0.8;

/// The first of `scores` (they come best first) that is one of the models, once all have one.
std::optional<std::size_t> best_of(const std::vector<chat_model>& models,
                                   const std::vector<model_score>& scores) {
  auto index_of = [&](const model_score& s) {
    auto it = std::find_if(models.begin(), models.end(),
                           [&](const chat_model& m) { return m.model == s.model_name; });
    return static_cast<std::size_t>(it - models.begin());
  };
  std::size_t scored = 0;
  std::optional<std::size_t> best;
  for (const auto& s : scores) {
    auto i = index_of(s);
    if (i == models.size()) continue;
    ++scored;
    if (!best) best = i;
  }
  return scored == models.size() ? best : std::nullopt;
}

}  // namespace

std::vector<std::size_t> drawn_by_weight(const std::vector<chat_model>& models,
                                         std::vector<std::size_t> of, random_source& draw) {
  std::vector<std::size_t> order;
  while (!of.empty()) {
    double sum = 0;
    for (auto i : of) sum += models[i].weight;
    double ball = draw.uniform() * sum;
    std::size_t at = 0;
    while (at + 1 < of.size() && (ball -= models[of[at]].weight) >= 0) ++at;
    order.push_back(of[at]);
    of.erase(of.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return order;
}

std::vector<std::size_t> model_order(const std::vector<chat_model>& models,
                                     const std::vector<model_score>& scores, std::uint64_t seed) {
  random_source draw(seed);
  std::vector<std::size_t> order, left(models.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  bool exploit = draw.chance(share_of_the_best);
  if (auto best = best_of(models, scores); best && exploit) {
    order.push_back(*best);
    std::erase(left, *best);
  }
  const auto rest = drawn_by_weight(models, std::move(left), draw);
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

}  // namespace ratchet
