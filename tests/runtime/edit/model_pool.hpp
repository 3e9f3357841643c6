// SPDX-License-Identifier: MIT
//
// A session played with scripted models: each keeps so many of its edits, for such a gain and
// price. What is chosen goes the whole way, by state and rows, as in a session.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/edit/model_choice.hpp"
#include "runtime/edit/model_memory.hpp"

namespace ratchet::test {

struct scripted_model {
  std::string name;
  double keeps = 0.1;  ///< the share of its edits
  double gain = 0.02;  ///< of each
  double usd = 0.01;   ///< of a call
  double weight = 1;
  bool reached = true;
};

class played_session {
 public:
  explicit played_session(std::vector<scripted_model> pool, std::uint64_t seed = 1)
      : pool_(std::move(pool)), luck_(seed), seed_(seed) {
    for (const auto& p : pool_) {
      chat_model m;
      m.model = p.name;
      m.weight = p.weight;
      m.price = token_price{};
      models.push_back(m);
    }
    context.iteration = 1;
  }

  /// Rounds of as many proposals as are asked for at once; 1 is one iteration after the other.
  void play(int rounds, int variants = 1) {
    for (int i = 0; i < rounds; ++i) play_round(variants);
  }
  /// The same, each model by its weight.
  void play_by_weight(int rounds) {
    for (int i = 0; i < rounds; ++i)
      settle({take(model_order(models, {}, round_seed()), context.iteration).second});
  }
  /// Once, and the edit does not apply: no iteration, no row.
  void slip() {
    auto memory = learnt();
    auto [unreached, row] = take(order(memory, {}), context.iteration);
    memory.note(context.iteration, row.candidate.usage, unreached);
    context.backend_state = memory.to_state();
  }

  std::vector<std::size_t> order_now() const { return order(learnt(), {}); }
  model_arm known_of(std::size_t model) const { return learnt().arms_of(models)[model]; }
  int total() const {
    int sum = 0;
    for (const auto& [name, count] : calls) sum += count;
    return sum;
  }

  std::vector<chat_model> models;
  edit_context context;              ///< of the next proposal
  std::map<std::string, int> calls;  ///< by model

 private:
  using taken = std::pair<std::vector<std::string>, iteration_record>;

  model_memory learnt() const {
    auto memory = model_memory::from(context.backend_state);
    memory.learn(context);
    return memory;
  }
  std::uint64_t round_seed() const {
    return fnv1a(std::to_string(seed_) + "/" + std::to_string(context.iteration));
  }
  std::vector<std::size_t> order(const model_memory& memory, const place_in_round& place) const {
    const auto arms = memory.arms_of(models);
    std::uint64_t seed = round_seed();
    for (const auto& arm : arms) seed += static_cast<std::uint64_t>(arm.asked());
    return bandit_order(models, arms, place, seed);
  }

  /// Who could not be reached, and the row of who could.
  taken take(const std::vector<std::size_t>& order, int iteration) {
    taken t;
    t.second.iteration = iteration;
    for (auto at : order) {
      const auto& p = pool_[at];
      if (!p.reached) {
        t.first.push_back(p.name);
        continue;
      }
      ++calls[p.name];
      t.second.candidate.usage = edit_usage{p.name, 1, 900, 100, p.usd, 1000, p.usd};
      bool kept = luck_.chance(p.keeps);
      t.second.decision = kept ? "kept" : "reverted";
      t.second.result = run_result{.metric_value = 1 + (kept ? p.gain : 0), .best_metric = 1};
      break;
    }
    return t;
  }

  void play_round(int variants) {
    std::vector<iteration_record> rows;
    json state;  // the last one's is kept
    for (int variant = 1; variant <= variants; ++variant) {
      auto memory = learnt();
      const int iteration = context.iteration + variant - 1;
      auto [unreached, row] = take(order(memory, {variant, variants}), iteration);
      memory.note(iteration, row.candidate.usage, unreached);
      state = memory.to_state();
      rows.push_back(std::move(row));
    }
    context.backend_state = state;
    settle(rows);
  }

  /// The store has them, and a context shows the last ten.
  void settle(const std::vector<iteration_record>& rows) {
    for (const auto& row : rows) {
      context.history.push_back(row);
      if (row.decision == "kept") context.best_run = row;
    }
    while (context.history.size() > 10) context.history.erase(context.history.begin());
    context.iteration += static_cast<int>(rows.size());
  }

  std::vector<scripted_model> pool_;
  random_source luck_;
  std::uint64_t seed_;
};

}  // namespace ratchet::test
