// SPDX-License-Identifier: MIT
//
// A source file cut into what the mutate backend must tell apart. Any text gives tokens; nothing is
// refused. Bytes between tokens are blanks and punctuation.
#pragma once

#include <string_view>
#include <vector>

namespace ratchet {

enum class token_kind { word, number, string, comment };

struct token {
  token_kind kind = token_kind::word;
  std::size_t begin = 0;  ///< byte offsets into the text
  std::size_t end = 0;
  int line = 1;  ///< of the first byte
  /// A number, or a word that is a boolean, that is a setting by its place and spelling. Others
  /// (hexadecimal, subscripts, versions, directives, parts of words) only change when annotated.
  bool setting = false;

  std::string_view text(std::string_view file) const { return file.substr(begin, end - begin); }
};

/// In order. The language is chosen by the path's last part.
std::vector<token> tokens_of(std::string_view path, std::string_view text);

}  // namespace ratchet
