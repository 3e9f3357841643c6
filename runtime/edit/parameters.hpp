// SPDX-License-Identifier: MIT
//
// Which literals of the target files the mutate backend may change, and to what.
//
// A literal is a parameter when an option names it, a comment annotates it (annotations.hpp), or,
// with neither anywhere, when it reads like a setting by its place and name (literal_places.hpp).
// Without any annotation a number v may become v/16 … v*16 with its sign kept (v/4 … v*4 at first);
// a share between 0 and 1 stays at most 1; whole numbers stay whole; 0 may become 1, and 1 up to 4.
// With a region anywhere (begin, end), only literals inside regions count, all of them but seeds
// and their like, with their own annotations where they have one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "messages/edits.hpp"
#include "messages/failure.hpp"
#include "runtime/edit/domain.hpp"

namespace ratchet {

struct parameter {
  std::string key;   ///< "file:name#2", the same while only literals change
  std::string name;  ///< what it sets: block_size, --n-embd2
  std::string file;
  int line = 0;
  std::size_t begin = 0;  ///< of the literal in the file; for a string without its quotes
  std::size_t end = 0;
  std::string text;  ///< as it is now
  number_form form;
  domain values;
  bool implied = false;  ///< nobody gave its range
  double weight = 1;     ///< how likely it is a setting that matters
};

struct left_out_literal {
  std::string name;  ///< empty where it has none
  std::string file;
  int line = 0;
  std::string text;
  std::string why;     ///< "a seed", "part of an expression"…
  bool named = false;  ///< only its name or use speaks against it, its place is a setting's
};

/// So much of the targets is searched: each file by itself, and then as many, by path.
inline constexpr std::size_t most_searched_bytes_of_a_file = 1 << 20;
inline constexpr std::size_t most_searched_bytes = 4 << 20;
inline constexpr std::size_t most_searched_files = 400;

struct settings_survey {
  std::vector<parameter> found;            ///< in the order of files and offsets
  std::vector<left_out_literal> left_out;  ///< likewise
  std::vector<std::string> files;          ///< that were searched
  std::vector<std::string> not_searched;   ///< beyond the limits: "data.c (3145728 bytes)"
  bool annotated_only = false;             ///< annotations or options say what is searched
  bool regions = false;
};

/// Keys of parameters that have been changed before; they stay parameters whatever their values.
using searched_keys = std::vector<std::string>;

/// `edit_refused` with file and line for an annotation or option that cannot be used. `metric_name`
/// may be empty.
expected<settings_survey> survey_settings(const std::map<std::string, std::string>& targets,
                                          const json& options, std::string_view metric_name = "",
                                          const searched_keys& searched = {});

/// What was looked for, what was left out, and what to do: `edit_refused`, with
/// `details.permanent`, as no further try finds more.
failure nothing_to_search(const settings_survey& survey);

/// What was found; refuses as the two above.
expected<std::vector<parameter>> parameters_of(const std::map<std::string, std::string>& targets,
                                               const json& options,
                                               std::string_view metric_name = "",
                                               const searched_keys& searched = {});

/// The files that differ after writing `texts[i]` for parameter i. The changes keep every other
/// byte.
std::vector<file_change> with_values(const std::map<std::string, std::string>& targets,
                                     const std::vector<parameter>& parameters,
                                     const std::vector<std::string>& texts);

}  // namespace ratchet
