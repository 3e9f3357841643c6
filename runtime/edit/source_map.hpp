// SPDX-License-Identifier: MIT
//
// Where each token of a file stands: inside which brackets, as which argument, on which line, and
// in which kind of code (for another system, a test). Built once a file, in linear time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/edit/tokens.hpp"

namespace ratchet {

/// How a file's settings are written.
enum class file_family {
  c_like,
  python,
  script,
  rust,
  other_code,
  json,
  yaml,
  table,
  shell,
  make,
  cmake,
  sql,
  prose
};

file_family family_of(std::string_view path);
/// A program, as opposed to a file of keys, of shell or make variables, or of prose.
bool is_code(file_family family);

struct bracket {
  char open = '(';
  std::size_t at = 0;     ///< its offset
  int callee = -1;        ///< the token directly before it, when that is a word
  int before = -1;        ///< the token before it, of any kind and distance
  int parent = -1;        ///< the bracket around it
  int commas = 0;         ///< directly inside
  int first_string = -1;  ///< the first string directly inside
  int long_option = -1;   ///< the first string directly inside that begins with --
};

class source_map {
 public:
  /// `text` must outlive the map.
  source_map(std::string_view path, std::string_view text, std::vector<token> tokens);

  file_family family() const { return family_; }
  std::string_view text() const { return text_; }
  const std::vector<token>& tokens() const { return tokens_; }
  std::string_view word(std::size_t token) const { return tokens_[token].text(text_); }

  /// The innermost bracket around a token; null at the top.
  const bracket* around(std::size_t token) const;
  const bracket* above(const bracket& b) const;
  /// Which argument of its bracket a token is in, from 0.
  int argument(std::size_t token) const { return argument_[token]; }
  /// The callee of a bracket as written, with what it is a member of: "nn.Linear"; may be empty.
  std::string callee(const bracket& b) const;

  /// The bytes of a line before an offset.
  std::string_view line_before(std::size_t offset) const;
  /// From an offset to the end of its line.
  std::string_view line_after(std::size_t offset) const;
  /// The first word of a line, or an empty text.
  std::string_view first_word(int line) const;

  /// Why code on this line is not looked at ("in a test", "under another system's #ifdef"); empty.
  std::string_view set_apart(int line) const;

  /// How a name is used: for telling settings from variables that change.
  const std::vector<std::size_t>& uses(std::string_view name) const;

 private:
  void read_brackets();
  void read_conditionals();
  void read_blocks();

  file_family family_;
  std::string_view text_;
  std::vector<token> tokens_;
  std::vector<bracket> brackets_;
  std::vector<int> around_, argument_;
  std::vector<std::size_t> line_starts_;
  std::vector<std::string_view> apart_;  ///< by line
  std::map<std::string_view, std::vector<std::size_t>> uses_;
};

}  // namespace ratchet
