// SPDX-License-Identifier: MIT
//
// An edit on its way from its author to the workspace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet {

/// One SEARCH/REPLACE block. An empty `search` means: the whole new file `replace`.
struct search_replace {
  std::string file;
  std::string search;
  std::string replace;

  static constexpr auto fields() {
    return field_list{field{"file", &search_replace::file},
                      field{"search", &search_replace::search},
                      field{"replace", &search_replace::replace}};
  }
};

/// The new bytes of one file; no `content` deletes it. Bytes are kept exactly. `executable` unset
/// keeps the file's mode (a new file is 0644).
struct file_change {
  std::string path;
  std::optional<std::string> content;
  std::optional<bool> executable;
};

/// An edit as a caller gives it: at most one of the three forms is set.
struct given_edit {
  std::string hypothesis;
  std::vector<search_replace> edits;
  std::string diff;
  json content;  ///< a string (the one target's new text) or an object file → text; null: not given

  bool given() const { return !edits.empty() || !diff.empty() || !content.is_null(); }
  static constexpr auto fields() {
    constexpr auto if_set = presence::if_set;
    return field_list{field{"hypothesis", &given_edit::hypothesis, if_set},
                      field{"edits", &given_edit::edits, if_set},
                      field{"diff", &given_edit::diff, if_set},
                      field{"content", &given_edit::content, if_set}};
  }
};

/// Tokens and money a proposal cost; unknown is null, never 0.
struct edit_usage {
  std::string model;
  std::optional<long long> input_tokens;
  std::optional<long long> output_tokens;
  std::optional<double> cost_usd;

  static constexpr auto fields() {
    return field_list{field{"model", &edit_usage::model},
                      field{"input_tokens", &edit_usage::input_tokens},
                      field{"output_tokens", &edit_usage::output_tokens},
                      field{"cost_usd", &edit_usage::cost_usd}};
  }
};

}  // namespace ratchet
