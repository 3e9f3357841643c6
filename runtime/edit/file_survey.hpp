// SPDX-License-Identifier: MIT
//
// Finds and describes the parameters of one file: those that comments annotate, that an option
// names, or that read like settings; and what was left out, with the reason.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/edit/annotations.hpp"
#include "runtime/edit/literal_places.hpp"
#include "runtime/edit/parameters.hpp"
#include "runtime/edit/source_map.hpp"

namespace ratchet {

/// `file` and `text` must outlive it. The order of calls: read_annotations, take_annotated,
/// take_settings, take_option…, keep_regions_only, result.
class file_survey {
 public:
  /// `searched`: names of this file's literals that have been changed before.
  file_survey(const std::string& file, std::string_view text, std::string_view metric_name,
              const std::set<std::string>& searched);

  expected<void> read_annotations();
  bool has_regions() const { return !regions_.empty(); }
  bool has_annotations() const;
  expected<void> take_annotated();
  /// What reads like a setting; lines with clauses are left to them.
  void take_settings();
  void keep_regions_only();
  /// One entry of the backend's option `parameters`, the index-th from 0.
  expected<void> take_option(const json& option, std::size_t index);
  /// In the order of the text, with keys.
  std::vector<parameter> result();
  std::vector<left_out_literal> left_out() const;

 private:
  int lines_in(const token& t) const;
  int next_code_line(int after) const;
  bool in_region(int line) const;
  bool overlaps(std::size_t begin, std::size_t end) const;
  std::string name_before(std::size_t begin, int line) const;
  void add(std::size_t begin, std::size_t end, int line, domain values, number_form form,
           double weight);
  expected<void> take_number(int line, const clause& c, std::size_t& used);
  expected<void> take_choice(int line, const clause& c, std::size_t& used);
  std::optional<std::pair<std::size_t, std::size_t>> find_word(int line, const clause& c,
                                                               std::size_t from) const;

  const std::string& file_;
  std::string_view text_;
  source_map source_;
  std::vector<literal_place> places_;
  std::map<std::size_t, std::string> names_;  ///< by the literal's offset
  std::set<int> code_lines_;
  std::map<int, std::vector<clause>> clauses_;
  std::vector<std::pair<int, bool>> regions_;
  std::vector<parameter> found_;
};

}  // namespace ratchet
