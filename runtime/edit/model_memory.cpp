// SPDX-License-Identifier: MIT
#include "runtime/edit/model_memory.hpp"

#include <algorithm>

namespace ratchet {

namespace {

constexpr int version = 1;
constexpr std::size_t most_gains = 50;  ///< of a model: the state is written with every step

json state_of(const model_arm& arm) {
  json j = arm.yield;
  j["unreached"] = arm.unreached;
  j["gains"] = arm.gains;
  return j;
}

model_arm arm_of(const json& j) {
  return {j.get<model_yield>(), j.at("unreached").get<long long>(),
          j.at("gains").get<std::vector<double>>()};
}

}  // namespace

model_memory model_memory::from(const json& state) try {
  model_memory m;
  if (!state.is_object() || state.value("version", 0) != version) return m;
  m.through_ = state.at("through").get<int>();
  for (const auto& j : state.at("models")) {
    auto arm = arm_of(j);
    m.arms_[arm.yield.model] = std::move(arm);
  }
  for (const auto& j : state.at("open"))
    m.open_[j.at("iteration").get<int>()] = j.at("usage").get<edit_usage>();
  return m;
} catch (const std::exception&) {
  return {};
}

json model_memory::to_state() const {
  json models = json::array(), open = json::array();
  for (const auto& [name, arm] : arms_) models.push_back(state_of(arm));
  for (const auto& [iteration, usage] : open_)
    open.push_back({{"iteration", iteration}, {"usage", usage}});
  return {{"version", version}, {"through", through_}, {"models", models}, {"open", open}};
}

model_arm& model_memory::arm(const std::string& model) {
  auto& arm = arms_[model];
  arm.yield.model = model;
  return arm;
}

void model_memory::credit(const iteration_record& row) {
  open_.erase(row.iteration);
  if (!row.candidate.usage) return;
  auto& a = arm(row.candidate.usage->model);
  count_iteration(a.yield, row);
  if (row.decision != "kept") return;
  a.gains.push_back(relative_gain(row));
  if (a.gains.size() > most_gains) a.gains.erase(a.gains.begin());
}

void model_memory::learn(const edit_context& context) {
  std::map<int, const iteration_record*> fresh;
  auto look_at = [&](const iteration_record& row) {
    if (row.iteration > through_ && !row.decision.empty()) fresh[row.iteration] = &row;
  };
  if (context.best_run) look_at(*context.best_run);
  for (const auto& row : context.history) look_at(row);
  for (const auto& [iteration, row] : fresh) credit(*row);
  if (!fresh.empty()) through_ = fresh.rbegin()->first;
  std::erase_if(open_, [&](const auto& asked) {
    const auto& [iteration, usage] = asked;
    const bool settled = iteration <= through_ || iteration >= context.iteration;
    if (settled) count_asked(arm(usage.model).yield, usage);
    return settled;
  });
}

void model_memory::note(int iteration, const std::optional<edit_usage>& usage,
                        const std::vector<std::string>& unreached) {
  for (const auto& model : unreached)
    if (!usage || usage->model != model) ++arm(model).unreached;
  if (usage) open_[iteration] = *usage;
}

std::vector<model_arm> model_memory::arms_of(const std::vector<chat_model>& models) const {
  std::vector<model_arm> arms;
  for (const auto& m : models) {
    auto known = arms_.find(m.model);
    arms.push_back(known == arms_.end() ? model_arm{} : known->second);
    for (const auto& [iteration, usage] : open_)
      if (usage.model == m.model) count_asked(arms.back().yield, usage);
  }
  return arms;
}

}  // namespace ratchet
