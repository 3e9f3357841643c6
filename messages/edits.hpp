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

/// What an author of edits learnt, in one sentence, and after which iterations it was said.
struct lesson {
  std::string text;
  std::vector<int> iterations;

  static constexpr auto fields() {
    return field_list{field{"text", &lesson::text}, field{"iterations", &lesson::iterations}};
  }
};

/// Tokens and money a proposal cost; unknown is null, never 0. Budgets cannot count what is
/// unknown, so they count these: the tokens told, and an estimate for every call that told none.
struct edit_usage {
  std::string model;
  int calls = 1;  ///< of the model, those that may have cost something
  std::optional<long long> input_tokens;
  std::optional<long long> output_tokens;
  std::optional<double> cost_usd;
  long long counted_tokens = 0;
  std::optional<double> counted_cost_usd;  ///< null without a price

  static constexpr auto fields() {
    using e = edit_usage;
    return field_list{field{"model", &e::model},
                      field{"calls", &e::calls},
                      field{"input_tokens", &e::input_tokens},
                      field{"output_tokens", &e::output_tokens},
                      field{"cost_usd", &e::cost_usd},
                      field{"counted_tokens", &e::counted_tokens},
                      field{"counted_cost_usd", &e::counted_cost_usd}};
  }
};

/// What a session's edits cost together. A total is null before the first call, and for good from
/// the first call that did not tell it.
struct usage_totals {
  long long calls = 0;
  std::optional<long long> input_tokens;
  std::optional<long long> output_tokens;
  std::optional<double> cost_usd;
  long long counted_tokens = 0;  ///< what max_tokens counts
  double counted_cost_usd = 0;   ///< what max_cost_usd counts

  static constexpr auto fields() {
    using u = usage_totals;
    return field_list{field{"calls", &u::calls},
                      field{"input_tokens", &u::input_tokens},
                      field{"output_tokens", &u::output_tokens},
                      field{"cost_usd", &u::cost_usd},
                      field{"counted_tokens", &u::counted_tokens},
                      field{"counted_cost_usd", &u::counted_cost_usd}};
  }
};

}  // namespace ratchet
