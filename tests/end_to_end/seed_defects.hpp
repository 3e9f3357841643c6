// SPDX-License-Identifier: MIT
//
// What the tests of the seed's defects share. One test a symptom, on the whole program; the numbers
// are those of the list of observed defects.
#pragma once

#include <string>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

inline const std::string better = "score: 6\n", worse = "score: 4\n", still_better = "score: 7\n";

inline json step(const laboratory& lab, const char* tool, const std::string& id) {
  return lab.ask(std::string("autoresearch_") + tool, {{"session_id", id}});
}

// edit, run, decide; the decide answer.
inline json iterate(const laboratory& lab, const std::string& id, const std::string& text) {
  CHECK(lab.edit_to(id, text).value("success", false));
  step(lab, "run", id);
  return step(lab, "decide", id);
}

inline std::string code_of(const laboratory& lab, const char* tool, const std::string& id) {
  return lab.call(std::string("autoresearch_") + tool, {{"session_id", id}})
      .answer()
      .value("code", "");
}

inline json report_of(const laboratory& lab, const std::string& id) {
  return json::parse(read_text(lab.state / "reports" / (id + ".json")), nullptr, false);
}

inline std::string branch(const std::string& id) { return "refs/heads/ratchet/" + id; }

// The baseline that a command yields, or its error.
inline json baseline(const laboratory& lab, const std::string& command,
                     const json& more = json::object()) {
  json a = lab.setup_arguments({{"run_command", command}});
  a.update(more);
  return lab.call("autoresearch_setup", a).answer();
}

}  // namespace ratchet::e2e
