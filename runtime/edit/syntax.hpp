// SPDX-License-Identifier: MIT
//
// What the mutate backend must know of a language: where its strings and comments are, and when a
// number is one. Chosen by the file's name; a file of unknown kind gets a cautious mixture.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet {

struct syntax {
  std::vector<std::string> line_comments;
  std::vector<std::pair<std::string, std::string>> block_comments;
  std::string quotes;                  ///< open and close a string
  std::string long_quotes;             ///< those of `quotes` whose strings may span lines
  std::string plain_quotes;            ///< those of `quotes` in which a backslash is a backslash
  bool triple_quotes = false;          ///< """ and '''
  bool preprocessor = false;           ///< '#' at the start of a line is a directive
  bool raw_strings = false;            ///< C++ R"x(…)x" and Rust r#"…"#
  bool lifetimes = false;              ///< Rust: 'a without a closing quote
  bool comment_at_word_start = false;  ///< '#' inside a word is no comment
  bool here_documents = false;         ///< shell: <<WORD
  bool block_scalars = false;          ///< YAML: | and >
  bool bare_words = false;             ///< numbers stand between blanks: shell, make
  bool whole_values = false;           ///< numbers are the whole value: YAML, TOML, INI
  bool booleans = true;                ///< true/false are values
};

const syntax& syntax_for(std::string_view path);

}  // namespace ratchet
