// SPDX-License-Identifier: MIT
//
// The constitutional gate: a session's rules over hypothesis, diff and paths. The rules are the
// built-in ones or the file that `settings.constitution` names.
//
// A session's first judgement seals its rule file by the file's SHA-256. From then on the file is
// read again for every judgement and must still have that seal: one that changed or is gone refuses
// everything (`guardrail_tamper`), whatever `on_gate_error` says. A file that cannot be read or
// understood the first time is an error of the gate. Seals live as long as the process.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "actors/logic/constitution.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// May be used from several threads at once.
class constitutional_gate {
 public:
  expected<gate_verdict> judge(const judge_candidate& what);

 private:
  expected<gate_verdict> judge_by_file(const judge_candidate& what);

  std::mutex mutex_;
  std::map<std::string, std::string> seals_;  ///< session id → seal of its rule file
};

}  // namespace ratchet
