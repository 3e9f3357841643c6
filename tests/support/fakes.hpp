// SPDX-License-Identifier: MIT
//
// The world of the actors, in memory: every port of actors/ports/, each with a record of what it
// was asked and a way to make it fail. All may be used from several threads; set them up before.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/ports/clock_port.hpp"
#include "actors/ports/editor_port.hpp"
#include "actors/ports/lease_port.hpp"
#include "actors/ports/process_port.hpp"
#include "actors/ports/report_port.hpp"

namespace ratchet::testing {

/// Failures to come: `fail_on("write", failure)` makes the next call of that name fail,
/// `fail_always` every one until `heal()`. Also notes every call in order.
class fault_plan {
 public:
  void fail_on(const std::string& call, failure f) {
    std::lock_guard lock(mutex_);
    once_[call].push_back(std::move(f));
  }
  void fail_always(const std::string& call, failure f) {
    std::lock_guard lock(mutex_);
    always_[call] = std::move(f);
  }
  void heal() {
    std::lock_guard lock(mutex_);
    once_.clear();
    always_.clear();
  }
  /// The calls so far: "name" or "name argument".
  std::vector<std::string> calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }
  std::size_t count(const std::string& call) const {
    std::size_t n = 0;
    for (const auto& c : calls()) n += c == call || c.rfind(call + " ", 0) == 0;
    return n;
  }

 protected:
  /// Called first in each port function.
  std::optional<failure> called(const std::string& call, const std::string& argument = "") {
    std::lock_guard lock(mutex_);
    calls_.push_back(argument.empty() ? call : call + " " + argument);
    if (auto it = always_.find(call); it != always_.end()) return it->second;
    auto it = once_.find(call);
    if (it == once_.end() || it->second.empty()) return std::nullopt;
    failure f = std::move(it->second.front());
    it->second.pop_front();
    return f;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<failure>> once_;
  std::map<std::string, failure> always_;
  std::vector<std::string> calls_;
};

class fake_clock : public clock_port {
 public:
  std::atomic<std::int64_t> time_ms{1'700'000'000'000};
  std::int64_t now_ms() const override { return time_ms; }
};

class fake_leases : public lease_port, public fault_plan {
 public:
  /// Another process works on this session until `returned_elsewhere`.
  void taken_elsewhere(const std::string& id) { hold(id); }
  void returned_elsewhere(const std::string& id) { let_go(id); }
  bool held(const std::string& id) const {
    std::lock_guard lock(state_->mutex);
    return state_->held.count(id) > 0;
  }

  expected<std::unique_ptr<session_lease>> acquire(const std::string& id) override {
    if (auto f = called("acquire", id)) return *f;
    if (!hold(id))
      return fail(errc::session_busy, "another process is working on session " + id +
                                          "; wait for it or ask for its status");
    return std::unique_ptr<session_lease>(std::make_unique<lease>(state_, id));
  }

 private:
  struct shared_state {
    mutable std::mutex mutex;
    std::set<std::string> held;
  };
  struct lease : session_lease {
    lease(std::shared_ptr<shared_state> s, std::string i) : state(std::move(s)), id(std::move(i)) {}
    ~lease() override {
      std::lock_guard lock(state->mutex);
      state->held.erase(id);
    }
    std::shared_ptr<shared_state> state;
    std::string id;
  };
  bool hold(const std::string& id) {
    std::lock_guard lock(state_->mutex);
    return state_->held.insert(id).second;
  }
  void let_go(const std::string& id) {
    std::lock_guard lock(state_->mutex);
    state_->held.erase(id);
  }
  std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
};

class fake_report : public report_port, public fault_plan {
 public:
  struct written {
    std::string session_id;
    json session;
    session_settings settings;
    std::vector<iteration_record> results;
    json extra;
  };
  std::vector<written> reports;

  expected<std::string> write(const std::string& id, const json& session,
                              const session_settings& settings,
                              const std::vector<iteration_record>& results,
                              const json& extra) override {
    if (auto f = called("write", id)) return *f;
    reports.push_back({id, session, settings, results, extra});
    return "/state/reports/" + id + ".json";
  }
  expected<std::optional<std::string>> read(const std::string& id) override {
    if (auto f = called("read", id)) return *f;
    for (const auto& report : reports)
      if (report.session_id == id) return std::optional(json{{"session_id", id}}.dump());
    return std::optional<std::string>{};
  }
};

/// Ends with exit code 0 and no output unless `on_run` says otherwise.
class fake_process : public process_port, public fault_plan {
 public:
  std::function<expected<process_outcome>(const process_request&, std::stop_token)> on_run;
  std::vector<process_request> requests;

  /// An outcome as a command that printed `output` and ended with `exit_code` has it.
  static process_outcome printed(std::string output, int exit_code = 0, double duration_s = 0.5) {
    process_outcome o;
    o.exit_code = exit_code;
    o.duration_s = duration_s;
    o.output_bytes = static_cast<long long>(output.size());
    o.output_tail = std::move(output);
    return o;
  }

  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token stop) override {
    if (auto f = called("run", request.command.shell)) return *f;
    requests.push_back(request);
    auto outcome = on_run ? on_run(request, stop) : printed("");
    if (outcome && sink != nullptr) sink->consume(outcome->output_tail);
    return outcome;
  }
};

/// Proposes what `on_propose` gives; else the proposals in order, then refuses.
class fake_editor : public editor_port, public fault_plan {
 public:
  std::function<expected<proposal>(const edit_context&, std::stop_token)> on_propose;
  std::deque<proposal> proposals;
  std::vector<edit_context> contexts;
  bool together = false;  ///< answered by asks_others()
  bool in_place = false;  ///< answered by edits_in_place()

  bool edits_in_place() const override { return in_place; }
  bool asks_others() const override { return together; }
  expected<proposal> propose(const edit_context& context, std::stop_token stop) override {
    if (auto f = called("propose", context.session_id)) return *f;
    if (!together) contexts.push_back(context);
    if (on_propose) return on_propose(context, stop);
    if (proposals.empty()) return fail(errc::edit_refused, "the editor has no idea left");
    proposal p = std::move(proposals.front());
    proposals.pop_front();
    return p;
  }
};

}  // namespace ratchet::testing
