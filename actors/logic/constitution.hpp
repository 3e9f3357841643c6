// SPDX-License-Identifier: MIT
//
// The rules that no kept candidate may break, and their seal.
//
// A rule file is JSON:
//
//     {"version": 1,
//      "rules": [{"id": "no_curl_pipe_shell",          // [a-z0-9_]+, once only
//                 "applies_to": "diff_added",          // or a list: hypothesis, diff_added, path
//                 "pattern": "curl[^|]*\\|\\s*sh",     // RE2, found anywhere
//                 "reason": "runs code from the network",
//                 "refuses": ["curl x | sh"],          // samples, checked when it is loaded
//                 "allows": ["curl -o x y"]}]}
//
// `hypothesis` is seen as one line, `diff_added` line by line without the '+', `path` path by path.
// Two checks are built in and need no rule: a path that is, or is inside of, a protected path is
// refused, and so is everything once the text of the rules is not what its SHA-256 says.
//
// What this refuses is advice that is enforced, not a wall: the sandbox and the protected files
// are that. So the built-in rules are few and precise.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"

namespace re2 {
class RE2;
}

namespace ratchet {

struct constitution_verdict {
  bool allowed = true;
  /// "<rule id>: <reason> (<where>: <what>)"; "guardrail_tamper: …" when the seal is broken.
  std::string reason;
};

class constitution {
 public:
  /// The built-in rules, as a rule file to copy and change.
  static std::string_view built_in_text();
  static constitution built_in();

  /// Refuses (`invalid_argument`, details.field "constitution") text that is no such file, unknown
  /// keys, patterns that do not compile, and a sample that its rule judges otherwise.
  static expected<constitution> load(std::string_view json_text);

  /// Checks the seal first; a mismatch refuses everything. The first rule that finds something
  /// decides. Paths are relative to the repository.
  constitution_verdict check(std::string_view hypothesis, std::string_view diff,
                             const std::vector<std::string>& paths,
                             const std::vector<std::string>& protected_paths) const;

  /// SHA-256 of the rule file's text.
  const std::string& seal() const { return seal_; }

 private:
  friend struct constitution_tampering;  // tests break the seal with it

  struct rule {
    std::string id;
    bool hypothesis = false, diff_added = false, path = false;
    std::shared_ptr<const re2::RE2> pattern;
    std::string reason;
  };

  constitution() = default;
  enum class samples { tried, proven };
  static expected<constitution> load(std::string_view json_text, samples how);
  /// Of the rules as they would be applied, so that these are sealed too.
  std::string rules_digest() const;

  std::string text_;
  std::vector<rule> rules_;
  std::string seal_;
  std::string rules_seal_;
};

}  // namespace ratchet
