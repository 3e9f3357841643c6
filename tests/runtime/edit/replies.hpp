// SPDX-License-Identifier: MIT
//
// Replies of models and agents, and what becomes of the files before them.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "runtime/edit/answer_edit.hpp"
#include "tests/support/text.hpp"

namespace ratchet::replies {

using files = std::map<std::string, std::string>;

inline const std::string program = "block = 64\nrate = 3\nprint(\"score:\", block)\n";
inline const std::string faster = "block = 128\nrate = 3\nprint(\"score:\", block)\n";
inline const std::string two_functions =
    "def f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 1\n    return x\n";
inline const std::string bom = "\xEF\xBB\xBF";

inline std::string block(const std::string& search, const std::string& replace) {
  return "<<<<<<< SEARCH\n" + search + "=======\n" + replace + ">>>>>>> REPLACE\n";
}

inline std::string patch(const std::string& inside) {
  return "*** Begin Patch\n" + inside + "*** End Patch\n";
}

inline std::string update(const std::string& hunks) {
  return patch("*** Update File: a.py\n" + hunks);
}

inline std::string diff(const std::string& hunks) { return "--- a/a.py\n+++ b/a.py\n" + hunks; }

inline std::string fenced(const std::string& text) { return "```python\n" + text + "```\n"; }

inline std::string crlf(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

/// The files after the reply; its refusal under the name "".
inline files after(const std::string& reply, const files& before,
                   answer_format format = answer_format::detect) {
  std::vector<std::string> targets;
  for (const auto& [path, bytes] : before) targets.push_back(path);
  auto changes = edit_in_answer(reply, format, before, targets);
  if (!changes) return {{"", changes.error().text}};
  files now = before;
  for (const auto& change : *changes)
    if (change.content)
      now[change.path] = *change.content;
    else
      now.erase(change.path);
  return now;
}

struct reply_case {
  const char* what;
  std::string before;
  std::string reply;
  std::string after;  ///< empty: refused
  std::string says;   ///< the refusal
};

inline void check(const std::vector<reply_case>& cases) {
  for (const auto& c : cases) {
    CAPTURE(c.what);
    files now = after(c.reply, {{"a.py", c.before}});
    if (!c.after.empty()) {
      CHECK_MESSAGE(now["a.py"] == c.after, now[""]);
    } else {
      CHECK(now.count("") == 1);
      CHECK_MESSAGE(testing::contains(now[""], c.says), now[""]);
    }
  }
}

}  // namespace ratchet::replies
