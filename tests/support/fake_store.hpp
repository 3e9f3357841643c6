// SPDX-License-Identifier: MIT
//
// The store, in memory.
#pragma once

#include <algorithm>

#include "tests/support/fakes.hpp"

namespace ratchet::testing {

/// A step is written whole or, when "write" is to fail, not at all.
class fake_store : public store_port, public fault_plan {
 public:
  // -- set-up and inspection ---------------------------------------------------------------------

  std::map<std::string, session_record> stored_sessions;
  std::map<std::pair<std::string, int>, iteration_record> stored_iterations;
  std::vector<event> events;
  std::vector<step_write> writes;
  std::vector<benchmark_row> benchmarks;
  std::vector<recipe> stored_recipes;
  std::vector<snapshot> snapshots;
  std::vector<model_score> known_models;
  std::vector<outbox_entry> sent;

  /// As another process would: an event that nobody here is told of. Returns its seq.
  std::int64_t add_event(const std::string& topic, const std::string& session_id = "") {
    std::lock_guard lock(mutex_);
    return append({0, topic, session_id, "2026-01-01T00:00:00.000Z", json::object()}).seq;
  }
  std::vector<std::string> topics() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& e : events) out.push_back(e.topic);
    return out;
  }

  // -- store_port --------------------------------------------------------------------------------

  expected<std::vector<event>> write(const step_write& step) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("write")) return *f;
    writes.push_back(step);
    if (step.session) stored_sessions[step.session->session_id] = *step.session;
    for (const auto& i : step.iterations) stored_iterations[{i.session_id, i.iteration}] = i;
    if (step.kept_recipe) stored_recipes.push_back(*step.kept_recipe);
    if (step.kept_snapshot) snapshots.push_back(*step.kept_snapshot);
    std::vector<event> out;
    for (const auto& e : step.events) out.push_back(append(e));
    return out;
  }

  expected<std::optional<session_record>> session(const std::string& id) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("session", id)) return *f;
    auto it = stored_sessions.find(id);
    if (it == stored_sessions.end()) return std::optional<session_record>{};
    return std::optional{it->second};
  }
  expected<std::vector<session_record>> sessions(const std::vector<std::string>& statuses,
                                                 std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("sessions")) return *f;
    return newest(limit, [&](const session_record& r) {
      return statuses.empty() ||
             std::find(statuses.begin(), statuses.end(), r.status) != statuses.end();
    });
  }
  expected<std::vector<session_record>> interrupted_sessions() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("interrupted_sessions")) return *f;
    return newest(SIZE_MAX, [](const session_record& r) { return r.in_step; });
  }

  expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("events_after", std::to_string(seq))) return *f;
    std::vector<event> out;
    for (const auto& e : events)
      if (e.seq > seq && out.size() < limit) out.push_back(e);
    return out;
  }
  expected<std::map<std::string, std::int64_t>> sessions_by_status() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("sessions_by_status")) return *f;
    std::map<std::string, std::int64_t> counts;
    for (const auto& [id, record] : stored_sessions) ++counts[record.status];
    return counts;
  }
  expected<std::vector<event>> session_events(const std::string& session_id, std::int64_t seq,
                                              std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("session_events", session_id)) return *f;
    std::vector<event> out;
    for (const auto& e : events)
      if (e.seq > seq && e.session_id == session_id && out.size() < limit) out.push_back(e);
    return out;
  }
  expected<std::int64_t> last_seq() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("last_seq")) return *f;
    return events.empty() ? 0 : events.back().seq;
  }

  expected<std::vector<iteration_record>> iterations(const std::string& id,
                                                     std::size_t last) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("iterations", id)) return *f;
    std::vector<iteration_record> out;
    for (const auto& [key, row] : stored_iterations)
      if (key.first == id) out.push_back(row);
    if (last > 0 && out.size() > last) out.erase(out.begin(), out.end() - static_cast<long>(last));
    return out;
  }
  expected<std::optional<iteration_record>> iteration(const std::string& id, int n) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("iteration", id)) return *f;
    auto it = stored_iterations.find({id, n});
    if (it == stored_iterations.end()) return std::optional<iteration_record>{};
    return std::optional{it->second};
  }
  expected<bool> tree_tried(const std::string& id, const std::string& tree) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("tree_tried", id)) return *f;
    return std::any_of(stored_iterations.begin(), stored_iterations.end(), [&](const auto& row) {
      return row.first.first == id && row.second.candidate.tree == tree;
    });
  }

  expected<> record_benchmark(const benchmark_row& row) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("record_benchmark")) return *f;
    benchmarks.push_back(row);
    return {};
  }
  expected<std::optional<tool_score>> best_tool(const std::string& task_type) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("best_tool", task_type)) return *f;
    std::optional<tool_score> best;
    for (auto& s : scores())
      if (s.task_type == task_type &&
          (!best || s.success_rate > best->success_rate ||
           (s.success_rate == best->success_rate && s.avg_time_s < best->avg_time_s)))
        best = s;
    return best;
  }
  expected<std::vector<tool_score>> tool_scores() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("tool_scores")) return *f;
    return scores();
  }

  expected<std::vector<model_score>> model_scores(const std::string& tool_name) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("model_scores", tool_name)) return *f;
    return known_models;
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

  expected<std::int64_t> add_to_outbox(const std::string& id, const json& delta,
                                       const std::string& time) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("add_to_outbox", id)) return *f;
    sent.push_back({static_cast<std::int64_t>(sent.size()) + 1, id, delta, time});
    return sent.back().id;
  }
  expected<std::vector<outbox_entry>> outbox() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("outbox")) return *f;
    return sent;
  }

 private:
  const event& append(event e) {
    e.seq = static_cast<std::int64_t>(events.size()) + 1;
    return events.emplace_back(std::move(e));
  }
  template <class Predicate>
  std::vector<session_record> newest(std::size_t limit, Predicate wanted) const {
    std::vector<session_record> out;
    for (const auto& [id, r] : stored_sessions)
      if (wanted(r)) out.push_back(r);
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.created_ms > b.created_ms; });
    out.resize(std::min(limit, out.size()));
    return out;
  }
  std::vector<tool_score> scores() const {
    std::map<std::pair<std::string, std::string>, tool_score> sums;
    for (const auto& row : benchmarks) {
      auto& s = sums[{row.task_type, row.tool_name}];
      s.task_type = row.task_type;
      s.tool_name = row.tool_name;
      s.success_rate += row.success ? 1 : 0;
      s.avg_time_s += row.completion_time_s;
      ++s.sample_count;
    }
    std::vector<tool_score> out;
    for (auto& [key, s] : sums) {
      if (s.sample_count < 5) continue;
      s.success_rate /= static_cast<double>(s.sample_count);
      s.avg_time_s /= static_cast<double>(s.sample_count);
      out.push_back(s);
    }
    return out;
  }

  mutable std::mutex mutex_;
};

}  // namespace ratchet::testing
