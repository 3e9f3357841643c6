// SPDX-License-Identifier: MIT
//
// What was kept, in memory.
#pragma once

#include "actors/ports/recipes_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

class fake_recipes : public recipes_port, public fault_plan {
 public:
  std::vector<recipe> stored_recipes;  ///< the newest last
  std::vector<snapshot> snapshots;

  /// As the end of a step does.
  void keep(const std::optional<recipe>& won, const std::optional<snapshot>& after) {
    std::lock_guard lock(mutex_);
    if (won) stored_recipes.push_back(*won);
    if (after) snapshots.push_back(*after);
  }

  expected<std::vector<recipe>> recipes(std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("recipes")) return *f;
    std::vector<recipe> out(stored_recipes.rbegin(), stored_recipes.rend());
    out.resize(std::min(limit, out.size()));
    return out;
  }
  expected<std::optional<snapshot>> latest_snapshot(const std::string& key) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("latest_snapshot", key)) return *f;
    for (auto it = snapshots.rbegin(); it != snapshots.rend(); ++it)
      if (it->experiment_key == key) return std::optional{*it};
    return std::optional<snapshot>{};
  }

 private:
  std::mutex mutex_;
};

}  // namespace ratchet::testing
