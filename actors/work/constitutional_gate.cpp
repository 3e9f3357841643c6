// SPDX-License-Identifier: MIT
#include "actors/work/constitutional_gate.hpp"

#include <fstream>
#include <iterator>

namespace ratchet {

namespace {

gate_verdict refused(std::string reason) {
  return {"constitutional", false, true, std::move(reason)};
}

gate_verdict by_rules(const constitution& rules, const judge_candidate& what) {
  auto verdict = rules.check(what.candidate.hypothesis, what.candidate.diff,
                             what.candidate.files_changed, what.settings->protected_paths);
  return {"constitutional", verdict.allowed, true, std::move(verdict.reason)};
}

/// Compiled with the first judgement: most processes that call one tool come to none.
const constitution& built_in_rules() {
  static const constitution rules = constitution::built_in();
  return rules;
}

expected<constitution> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    return fail(errc::invalid_argument,
                "the rule file " + path + " cannot be read; put it back, or end the session");
  return constitution::load(text);
}

}  // namespace

expected<gate_verdict> constitutional_gate::judge(const judge_candidate& what) {
  if (what.settings->constitution.empty()) return by_rules(built_in_rules(), what);
  return judge_by_file(what);
}

expected<gate_verdict> constitutional_gate::judge_by_file(const judge_candidate& what) {
  const auto& path = what.settings->constitution;
  auto rules = load(path);
  std::lock_guard lock(mutex_);
  auto sealed = seals_.find(what.session_id);
  if (sealed == seals_.end()) {
    if (!rules) return rules.error();
    seals_[what.session_id] = rules->seal();
  } else if (!rules || rules->seal() != sealed->second) {
    return refused("guardrail_tamper: the rule file " + path +
                   " is not what it was when it was sealed; put it back, or start a new session");
  }
  return by_rules(*rules, what);
}

}  // namespace ratchet
