// SPDX-License-Identifier: MIT
//
// The winning change in parts, each of which can be taken back: to find out which of them bring
// nothing. A part is one changed word where a line differs from the one it replaced in words alone
// (as the mutate backend changes literals), else a run of changed lines.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "messages/failure.hpp"

namespace ratchet {

/// So many pairs look at a part first; so many when that is open, and at all that is to go.
inline constexpr int pairs_of_a_part = 3, pairs_of_all = 6;

enum class part_brings { nothing, something, unsure };

/// By the best without a part against the best: `gain` is the pairs' median, in the metric's unit,
/// above 0 where it is better without. `spread` is the metric's, 0 where it never differs. What
/// is worse by no more than three quarters of that in `pairs_of_all` brings nothing that could be
/// told. (Gaussian noise: 81 of 100 passengers leave, 14 of what brings one spread, 0.1 of what
/// brings two.)
part_brings verdict_without(double gain, double spread, int pairs);

class ablation {
 public:
  /// `diff`: unified, from the base to the best; `best`: the files with the change. Files that came
  /// or went and those that are not text stay as they are. More than `most_parts` parts are joined
  /// with their neighbours. Fails when the diff does not fit the files.
  static expected<ablation> of(const std::string& diff, std::map<std::string, std::string> best,
                               std::size_t most_parts = 20);

  std::size_t parts() const { return parts_.size(); }
  /// What is taken back with a part, in one line: "0.682 -> 0.9 (train.py:3: betas = 0.682)".
  std::string in_words(std::size_t part) const;
  /// The files that differ from the best without these parts.
  std::map<std::string, std::string> without(const std::set<std::size_t>& parts) const;

 private:
  /// Lines `first` … of the best, which were `before`.
  struct line_run {
    std::string file;
    std::size_t first = 0;  ///< counted from 0
    std::vector<std::string> before, now;
  };
  /// One word of a line, or all of a run.
  struct piece {
    std::size_t run = 0;
    std::size_t line = 0;  ///< of the run
    std::size_t word = 0;
    bool whole = true;
  };

  std::map<std::string, std::string> best_;
  std::vector<line_run> runs_;
  std::vector<std::vector<piece>> parts_;
};

}  // namespace ratchet
