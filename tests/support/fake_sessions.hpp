// SPDX-License-Identifier: MIT
//
// Sessions and their iterations, in memory.
#pragma once

#include <algorithm>

#include "actors/ports/sessions_port.hpp"
#include "tests/support/fake_events.hpp"
#include "tests/support/fake_recipes.hpp"

namespace ratchet::testing {

/// A step is written whole or, when "write" is to fail, not at all.
class fake_sessions : public sessions_port, public fault_plan {
 public:
  std::map<std::string, session_record> stored_sessions;
  std::map<std::pair<std::string, int>, iteration_record> stored_iterations;
  std::vector<step_write> writes;
  std::vector<session_wish> stored_wishes;
  std::vector<std::string> other_lessons;  ///< answered by experiment_lessons()
  /// Where the rest of a step goes.
  std::shared_ptr<fake_events> events = std::make_shared<fake_events>();
  std::shared_ptr<fake_recipes> recipes = std::make_shared<fake_recipes>();

  expected<std::vector<event>> write(const step_write& step) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("write")) return *f;
    writes.push_back(step);
    if (step.session) stored_sessions[step.session->session_id] = *step.session;
    if (step.wish) {
      stored_wishes.push_back(*step.wish);
      stored_wishes.back().id = ++last_wish_;
    }
    if (step.session)
      std::erase_if(stored_wishes, [&](const session_wish& w) {
        return w.what.session_id == step.session->session_id && w.id <= step.wishes_taken;
      });
    for (const auto& i : step.iterations) stored_iterations[{i.session_id, i.iteration}] = i;
    recipes->keep(step.kept_recipe, step.kept_snapshot);
    std::vector<event> out;
    for (const auto& e : step.events) out.push_back(events->append(e));
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

  expected<std::map<std::string, std::int64_t>> sessions_by_status() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("sessions_by_status")) return *f;
    std::map<std::string, std::int64_t> counts;
    for (const auto& [id, record] : stored_sessions) ++counts[record.status];
    return counts;
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
  expected<std::vector<iteration_record>> iterations_from(const std::string& id, int first,
                                                          std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("iterations_from", id)) return *f;
    std::vector<iteration_record> out;
    for (const auto& [key, row] : stored_iterations)
      if (key.first == id && key.second >= first && out.size() < limit) out.push_back(row);
    return out;
  }
  expected<std::optional<iteration_record>> iteration(const std::string& id, int n) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("iteration", id)) return *f;
    auto it = stored_iterations.find({id, n});
    if (it == stored_iterations.end()) return std::optional<iteration_record>{};
    return std::optional{it->second};
  }
  expected<std::vector<session_wish>> wishes(const std::string& id) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("wishes", id)) return *f;
    std::vector<session_wish> out;
    for (const auto& w : stored_wishes)
      if (w.what.session_id == id) out.push_back(w);
    return out;
  }
  expected<std::vector<std::string>> experiment_lessons(const std::string&,
                                                        const std::string& but_session) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("experiment_lessons", but_session)) return *f;
    return other_lessons;
  }
  expected<std::optional<iteration_record>> tried_as(const std::string& id,
                                                     const std::string& tree) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("tried_as", id)) return *f;
    std::optional<iteration_record> last;
    for (const auto& [key, row] : stored_iterations)
      if (key.first == id && !tree.empty() && row.candidate.tree == tree) last = row;
    return last;
  }

 private:
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

  std::mutex mutex_;
  std::int64_t last_wish_ = 0;
};

}  // namespace ratchet::testing
