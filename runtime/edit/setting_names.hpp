// SPDX-License-Identifier: MIT
//
// What the name of a literal says: whether it reads like a setting that may be searched, or like a
// seed, a port, the size of the workload… which no search should touch without being asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/edit/number_form.hpp"

namespace ratchet {

/// What must be known of the file and the session beside the name itself.
struct name_context {
  bool code = true;           ///< a program, not a configuration file
  bool training = false;      ///< the file trains a model: epochs and steps are settings there
  bool call_keyword = false;  ///< f(name=5)
  bool boolean = false;       ///< true or false, not a number
  bool has_n = false;         ///< N is the size of a problem here, and so are M and K
  bool has_width = false;     ///< width and height stand together: an image or a grid
  std::string metric_name;    ///< of the session; empty: unknown
  std::vector<std::string> parents;  ///< tables or objects that hold the key, outermost first
};

/// "learningRate2", "--learning-rate", "LEARNING_RATE" → lower-case words; digits stay with theirs.
std::vector<std::string> words_of_name(std::string_view name);

/// Why a literal of this name and value is no setting, as "a seed"; empty when it may be one.
std::string name_objection(std::string_view name, const number_form& form,
                           const name_context& context);

/// Whether the metric is a time, a rate or a cost of a run: then steps and epochs are its workload.
bool measures_speed(std::string_view metric_name);

}  // namespace ratchet
