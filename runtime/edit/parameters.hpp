// SPDX-License-Identifier: MIT
//
// Which literals of the target files the mutate backend may change, and to what.
//
// A literal is a parameter when an option names it, a comment annotates it (annotations.hpp), or,
// with neither anywhere, when it looks like a setting (tokens.hpp). Without any annotation a number
// v may become v/16 … v*16 with its sign kept; a share between 0 and 1 stays at most 1; whole
// numbers stay whole; 0 may become 1, and 1 up to 4. With a region anywhere (begin, end), only
// literals inside regions count, all of them, with their own annotations where they have one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/failure.hpp"
#include "runtime/edit/domain.hpp"

namespace ratchet {

struct parameter {
  std::string key;   ///< "file:name#2", the same while only literals change
  std::string name;  ///< what stands to its left: block_size
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

/// All in the order of files and offsets. `edit_refused` with file and line for an annotation or
/// option that cannot be used, or when nothing is found.
expected<std::vector<parameter>> parameters_of(const std::map<std::string, std::string>& targets,
                                               const json& options);

/// The files that differ after writing `texts[i]` for parameter i. The changes keep every other
/// byte.
std::vector<file_change> with_values(const std::map<std::string, std::string>& targets,
                                     const std::vector<parameter>& parameters,
                                     const std::vector<std::string>& texts);

}  // namespace ratchet
