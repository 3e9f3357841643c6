// SPDX-License-Identifier: MIT
//
// What a program or model that writes edits is told: where the search stands, the user's own words,
// what was tried, seen and learnt (prompt_parts.hpp), the task and its rules, and how to answer.
#pragma once

#include <string>

#include "actors/ports/editor_port.hpp"

namespace ratchet {

/// How the edit is to come back.
enum class answer_form {
  work_tree,  ///< the program changes the files itself
  blocks,     ///< SEARCH/REPLACE blocks
  diff,       ///< a unified diff
  whole       ///< the whole new file
};

struct prompt_form {
  answer_form answer = answer_form::blocks;
  bool targets = true;                     ///< with the text of the targets
  std::size_t max_target_bytes = 200'000;  ///< of all targets; a longer one is cut and says so
  /// The whole prompt, as runtime/llm/tokens.hpp estimates it; 0: no bound. Past it parts give way
  /// in the order of `gives_way`, and last the targets are cut.
  long long max_tokens = 0;
};

/// Valid UTF-8. What came from outside (target text, hypotheses, errors) is fenced or on one line.
std::string edit_prompt(const edit_context& context, const prompt_form& form);

/// The ε-greedy draw of this iteration: settings.explore_epsilon is its probability. The same
/// session and iteration always draw the same.
bool explores(const edit_context& context);

}  // namespace ratchet
