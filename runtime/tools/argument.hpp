// SPDX-License-Identifier: MIT
//
// One argument of a tool: what it is and what is allowed, in machine form and in words (hosts often
// show only the words).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

enum class argument_kind : std::uint8_t {
  text,
  integer,
  number,
  boolean,
  text_list,
  command,
  edits,
  text_or_object,
  guards,
  gates,
  count_or_auto,  ///< an integer, or the word "auto"
};

struct tool_argument {
  std::string_view name;
  argument_kind kind = argument_kind::text;
  std::string description;  ///< says the limits too
  bool required = false;
  std::string default_json;  ///< JSON text of the default, empty: none
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::size_t max_bytes = 1 << 20;  ///< of text
  std::size_t max_items = 0;        ///< of a list; 0: as many as any list may have
  std::vector<std::string_view> allowed;
  /// In the schema it is one of those that the object `options` holds, with this line; a call may
  /// give it by itself all the same. Empty: a property of its own.
  std::string line_in_options;
};

}  // namespace ratchet
