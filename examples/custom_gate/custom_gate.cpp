// SPDX-License-Identifier: MIT
//
// A gate of one's own, as an actor: it refuses a candidate whose diff adds more than a few lines,
// however good its score. Gates judge only what improved; they see the candidate, its diff and what
// its run said. Exits 0 only if the long edit was refused and the short one kept.
#include <caf/actor_system.hpp>
#include <cstdio>
#include <sstream>
#include <string>

#include "examples/scratch_repository.hpp"
#include "messages/type_ids.hpp"
#include "runtime/embed/runtime.hpp"

using ratchet::json;

int lines_added(const std::string& diff) {
  std::istringstream lines(diff);
  int added = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('+') && !line.starts_with("+++ ")) ++added;
  return added;
}

// [quoted in the README]
ratchet::gate_actor::behavior_type small_diff_gate(ratchet::gate_actor::pointer, int most) {
  return {[most](const ratchet::judge_candidate& j) {
    ratchet::gate_verdict verdict;
    int added = lines_added(j.candidate.diff);
    verdict.allowed = added <= most;
    if (!verdict.allowed)
      verdict.reason = std::to_string(added) + " lines added, " + std::to_string(most) + " allowed";
    return verdict;
  }};
}
// [/quoted in the README]

std::string decide(ratchet::runtime& lab, const json& session_id, const std::string& text) {
  json id = {{"session_id", session_id}};
  lab.call("autoresearch_edit", {{"session_id", session_id}, {"content", text}});
  json run = lab.call("autoresearch_run", id);
  json decision = lab.call("autoresearch_decide", id);
  std::printf("score %s: %s %s\n", run["metric_value"].dump().c_str(),
              decision.value("decision", "?").c_str(), decision.value("reason", "").c_str());
  return decision.value("decision", "");
}

int main() {
  scratch_repository scratch;
  auto opened = ratchet::runtime::open({.state_dir = scratch.state_dir(), .slots = 1});
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().text.c_str());
    return 1;
  }
  ratchet::runtime& lab = **opened;

  auto added = lab.add_gate("small_diff", lab.system().spawn(small_diff_gate, 3));
  if (!added) {
    std::fprintf(stderr, "%s\n", added.error().text.c_str());
    return 1;
  }
  // Only the first line of x.txt counts here, so that a long edit can score as well as a short one.
  json session =
      lab.call("autoresearch_setup",
               {{"repo_path", scratch.repository().string()},
                {"target_file", "x.txt"},
                {"run_command", std::string("sed -i 1q x.txt; ") + scratch_repository::experiment},
                {"edit_backend", "host"}});
  if (session.contains("error")) {
    std::fprintf(stderr, "%s\n", session.dump(2).c_str());
    return 1;
  }
  json id = session["session_id"];
  bool refused = decide(lab, id, "6\n# one\n# two\n# three\n") == "rejected_by_gate";
  bool kept = decide(lab, id, "5\n") == "kept";
  lab.call("autoresearch_finalize", {{"session_id", id}});
  return refused && kept ? 0 : 1;
}
