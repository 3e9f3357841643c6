// SPDX-License-Identifier: MIT
#include "runtime/edit/model_choice.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

std::vector<chat_model> models() {
  std::vector<chat_model> all(3);
  all[0].model = "a";
  all[1].model = "b";
  all[2].model = "c";
  all[0].weight = 2;
  return all;
}

std::vector<int> first_choices(const std::vector<model_score>& scores, std::uint64_t draws = 4000) {
  std::vector<int> count(3);
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    auto order = model_order(models(), scores, seed * 7919);
    CHECK(order.size() == 3);
    ++count[order[0]];
  }
  return count;
}

}  // namespace

TEST_CASE("models are drawn by weight, and each stands in once") {
  auto count = first_choices({});
  CHECK(count[0] > 1850);
  CHECK(count[0] < 2150);
  CHECK(count[1] > 870);
  CHECK(count[2] > 870);
  auto order = model_order(models(), {}, 5);
  CHECK(order == model_order(models(), {}, 5));
  std::sort(order.begin(), order.end());
  CHECK(order == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("once every model has samples the benchmark chooses, and one in five is still drawn") {
  std::vector<model_score> scores{{"b", 0.9, 1, 8}, {"other", 0.8, 1, 8}, {"a", 0.5, 1, 6}};
  CHECK(first_choices(scores)[1] < 1200);  // c has too few: by weight alone
  scores.push_back({"c", 0.1, 1, 5});
  auto count = first_choices(scores);
  CHECK(count[1] > 3200);
  CHECK(count[1] < 3600);
  CHECK(count[2] > 100);
}
