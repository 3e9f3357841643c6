// SPDX-License-Identifier: MIT
#include "runtime/tools/tool_settings.hpp"

#include <algorithm>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/text.hpp"
#include "runtime/tools/setting.hpp"
#include "runtime/tools/setting_readers.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

/// One of target_file and target_files; an empty text is the seed's "not given".
expected<> check_one_target(const json& arguments) {
  const json* one = given(arguments, "target_file");
  const bool has_one = one && *one != "";
  const bool has_several = given(arguments, "target_files");
  if (has_one && has_several)
    return refuse_argument("target_files", "target_file and target_files are both given; give one");
  if (!has_one && !has_several)
    return refuse_argument("target_file",
                           "target_file is missing: name the file that edits may change (or "
                           "target_files, a list)");
  return {};
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  return path == top || (path.starts_with(top) && path.substr(top.size()).starts_with('/'));
}

expected<> check_overlap(const session_settings& s) {
  for (const auto& target : s.target_files) {
    for (const auto& path : s.protected_paths)
      if (is_at_or_below(target, path))
        return refuse_argument("protected_paths", "the target " + as_given(target) +
                                                      " is protected by " + as_given(path) +
                                                      "; a file is one or the other");
    for (const auto& path : s.shared_paths)
      if (is_at_or_below(target, path))
        return refuse_argument("shared_paths", "the target " + as_given(target) +
                                                   " lies in the shared path " + as_given(path) +
                                                   "; share only what git does not track");
  }
  return {};
}

expected<> check_repeats(const session_settings& s) {
  if (s.repeats.pairs <= 1) return {};
  int least = least_pairs(s.significance);
  if (s.repeats.pairs < least)
    return refuse_argument("repeats", "repeats must be \"auto\", 1, or at least " +
                                          std::to_string(least) + " for significance " +
                                          shortest(s.significance) + ", not " +
                                          std::to_string(s.repeats.pairs) +
                                          ": with fewer pairs no result could be significant");
  return {};
}

expected<> check_sparks(const session_settings& s) {
  if (s.spark_per_iteration <= s.spark_budget) return {};
  return refuse_argument("spark_per_iteration",
                         "spark_per_iteration (" + std::to_string(s.spark_per_iteration) +
                             ") must be at most spark_budget (" + std::to_string(s.spark_budget) +
                             "), or no run could ever be paid for");
}

expected<> check_rounds(const session_settings& s) {
  if (!s.hive_parallel || s.workspace != workspace_kind::in_place) return {};
  return refuse_argument("hive_parallel",
                         "hive_parallel needs workspace \"worktree\": in place there is one tree "
                         "only, where candidates cannot run side by side");
}

/// What is not given follows from what is.
void put_consequences(const json& arguments, session_settings& s) {
  s.spark_budget = spark_budget_of(arguments);
  if (!is_measured(s.metric_pattern)) return;
  // Of time, memory and instructions less is better.
  if (!given(arguments, "metric_direction")) s.metric_direction = metric_direction::lower_is_better;
  if (!given(arguments, "metric_name")) s.metric_name = s.metric_pattern.substr(1);
}

}  // namespace

int spark_budget_of(const json& a) {
  const session_settings defaults;
  auto number = [&](const char* name, int otherwise) {
    const json* value = given(a, name);
    return value && value->is_number() ? value->get<double>() : otherwise;
  };
  if (given(a, "spark_budget") || !given(a, "max_iterations"))
    return static_cast<int>(number("spark_budget", defaults.spark_budget));
  const double all = number("max_iterations", defaults.max_iterations) *
                     number("spark_per_iteration", defaults.spark_per_iteration);
  return static_cast<int>(std::clamp<double>(all, defaults.spark_budget, 1e9));
}

expected<session_settings> decode_settings(const json& a) {
  if (auto ok = check_one_target(a); !ok) return ok.error();
  session_settings s;
  for (const auto& row : setting_rows())
    if (const json* value = given(a, row.argument.name))
      if (auto ok = row.take(*value, s); !ok) return ok.error();
  put_consequences(a, s);
  for (auto check : {check_overlap, check_repeats, check_sparks, check_rounds})
    if (auto ok = check(s); !ok) return ok.error();
  if (auto ok = check_metric("metric_name", s.metric()); !ok) return ok.error();
  return s;
}

}  // namespace ratchet
