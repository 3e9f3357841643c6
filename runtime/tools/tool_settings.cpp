// SPDX-License-Identifier: MIT
#include "runtime/tools/tool_settings.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/metric.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_paths = 1000;
constexpr std::size_t max_guards = 32;
constexpr std::size_t max_requirements = 100;
constexpr std::array<std::string_view, 6> backends{"host",    "mutate",  "llm",
                                                   "command", "recipes", "script"};

const json* given(const json& arguments, const char* name) {
  auto it = arguments.find(name);
  return it == arguments.end() || it->is_null() ? nullptr : &*it;
}

template <class T>
void take(const json& arguments, const char* name, T& member) {
  if (const json* value = given(arguments, name)) value->get_to(member);
}

void take_integer(const json& arguments, const char* name, int& member) {
  if (const json* value = given(arguments, name)) member = static_cast<int>(value->get<double>());
}

expected<std::vector<std::string>> inside_paths(const char* field, const json& list) {
  if (list.size() > max_paths)
    return refuse_argument(field, std::string(field) + " has " + std::to_string(list.size()) +
                                      " paths; at most 1000 are allowed");
  std::vector<std::string> paths;
  for (const auto& item : list) {
    auto path = inside_path(field, item.get_ref<const std::string&>());
    if (!path) return path.error();
    if (std::find(paths.begin(), paths.end(), *path) != paths.end())
      return refuse_argument(field, std::string(field) + " names " + as_given(*path) + " twice");
    paths.push_back(std::move(*path));
  }
  return paths;
}

expected<std::vector<std::string>> targets(const json& arguments) {
  const json* one = given(arguments, "target_file");
  if (one && one->get_ref<const std::string&>().empty()) one = nullptr;  // the seed's "not given"
  const json* several = given(arguments, "target_files");
  if (one && several)
    return refuse_argument("target_files", "target_file and target_files are both given; give one");
  if (!one && !several)
    return refuse_argument("target_file",
                           "target_file is missing: name the file that edits may change (or "
                           "target_files, a list)");
  if (one) {
    auto path = inside_path("target_file", one->get_ref<const std::string&>());
    if (!path) return path.error();
    return std::vector<std::string>{*path};
  }
  if (several->empty())
    return refuse_argument("target_files", "target_files is an empty list; name at least one file");
  return inside_paths("target_files", *several);
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

expected<> check_metric(const char* field, const metric_rule& rule) {
  if (one_line(rule.name, 128) != rule.name || rule.name.empty() || rule.name.size() > 128)
    return refuse_argument(field, std::string(field) + " has the metric name " +
                                      as_given(rule.name) +
                                      "; a name is one line of 1 to 128 bytes without blanks at "
                                      "its ends");
  auto compiled = compile_metric(rule);
  if (compiled) return {};
  if (std::string_view(field) != "guard_metrics") return compiled.error();
  failure why = compiled.error();  // says metric_pattern; it is the guard's
  return refuse_argument(field, "guard metric " + as_given(rule.name) + ": " + why.text);
}

expected<guard_metric> guard(const json& value) {
  constexpr const char* field = "guard_metrics";
  guard_metric g;
  if (value.is_string()) {
    g.name = value.get<std::string>();
  } else {
    if (auto ok = check_keys(field, value,
                             {"name", "pattern", "pick", "direction", "max_regression"}, {"name"});
        !ok)
      return ok.error();
    for (const char* key : {"name", "pattern", "pick", "direction"})
      if (value.contains(key) && !value[key].is_string())
        return refuse_argument(field, std::string(field) + ": \"" + key + "\" must be text, not " +
                                          as_given(value[key]));
    take(value, "name", g.name);
    take(value, "pattern", g.pattern);
    if (const json* text = given(value, "pick")) {
      auto pick = parse_enum<metric_pick>(text->get_ref<const std::string&>());
      if (!pick)
        return refuse_argument(field, std::string(field) + ": \"pick\" must be " +
                                          allowed_names<metric_pick>() + ", not " +
                                          as_given(*text));
      g.pick = *pick;
    }
    if (is_measured(g.pattern)) g.direction = metric_direction::lower_is_better;
    if (const json* text = given(value, "direction")) {
      auto direction = parse_enum<metric_direction>(text->get_ref<const std::string&>());
      if (!direction)
        return refuse_argument(field, std::string(field) + ": \"direction\" must be " +
                                          allowed_names<metric_direction>() + ", not " +
                                          as_given(*text));
      g.direction = *direction;
    }
    if (const json* share = given(value, "max_regression")) {
      if (!share->is_number() || share->get<double>() < 0 || share->get<double>() > 10)
        return refuse_argument(field, std::string(field) +
                                          ": \"max_regression\" must be a share from 0 to 10 "
                                          "(0.05 is 5 %), not " +
                                          as_given(*share));
      g.max_regression = share->get<double>();
    }
  }
  if (auto ok = check_metric(field, g.rule()); !ok) return ok.error();
  return g;
}

expected<std::vector<guard_metric>> guards(const json& list) {
  constexpr const char* field = "guard_metrics";
  if (list.size() > max_guards)
    return refuse_argument(field, "guard_metrics has " + std::to_string(list.size()) +
                                      " entries; at most 32 are allowed");
  std::vector<guard_metric> all;
  std::set<std::string> names;
  for (const auto& item : list) {
    auto g = guard(item);
    if (!g) return g.error();
    if (!names.insert(g->name).second)
      return refuse_argument(field, "guard_metrics names " + as_given(g->name) + " twice");
    all.push_back(std::move(*g));
  }
  return all;
}

expected<std::vector<external_gate>> gates(const json& list) {
  constexpr const char* field = "gates";
  if (list.size() > max_guards)
    return refuse_argument(
        field, "gates has " + std::to_string(list.size()) + " entries; at most 32 are allowed");
  std::vector<external_gate> all;
  std::set<std::string> names{"constitutional", "baseline_delta"};
  for (const auto& item : list) {
    if (auto ok = check_keys(field, item, {"name", "command", "timeout_s"}, {"name", "command"});
        !ok)
      return ok.error();
    external_gate gate;
    if (!item["name"].is_string() || !is_identifier(item["name"].get_ref<const std::string&>()))
      return refuse_argument(field, "gates: \"name\" must be 1 to 128 of A-Z a-z 0-9 _ . -, not " +
                                        as_given(item["name"]));
    gate.name = item["name"].get<std::string>();
    if (!names.insert(gate.name).second)
      return refuse_argument(field, "gates: the name " + as_given(gate.name) +
                                        " is taken by another gate; choose another");
    auto command = command_argument("gates: \"command\"", item["command"]);
    if (!command) return refuse_argument(field, command.error().text);
    gate.command = std::move(*command);
    if (const json* seconds = given(item, "timeout_s")) {
      if (!seconds->is_number() || seconds->get<double>() <= 0 || seconds->get<double>() > 86'400)
        return refuse_argument(field,
                               "gates: \"timeout_s\" must be a number above 0 and at most 86400, "
                               "not " +
                                   as_given(*seconds));
      gate.timeout_s = seconds->get<double>();
    }
    all.push_back(std::move(gate));
  }
  return all;
}

expected<edit_backend_choice> backend(const json& value) {
  constexpr const char* field = "edit_backend";
  const json* name = value.is_object() ? given(value, "name") : &value;
  if (!name || !name->is_string())
    return refuse_argument(field,
                           "edit_backend: " + as_given(value) + " lacks the text key \"name\"");
  const auto& text = name->get_ref<const std::string&>();
  if (std::find(backends.begin(), backends.end(), text) == backends.end())
    return refuse_argument(field, "edit_backend must be " + list_words(backends) + ", not " +
                                      as_given(*name) + "." +
                                      suggestion(text, {backends.begin(), backends.end()}));
  return value.get<edit_backend_choice>();
}

expected<> check_environment(const std::vector<std::string>& environment) {
  constexpr const char* field = "environment";
  if (environment.size() > max_paths)
    return refuse_argument(field, "environment has " + std::to_string(environment.size()) +
                                      " entries; at most 1000 are allowed");
  for (const auto& entry : environment) {
    std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    bool fine = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                std::all_of(name.begin(), name.end(),
                            [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!fine)
      return refuse_argument(field, "environment: " + as_given(entry) +
                                        " is neither NAME nor NAME=value (a name is letters, "
                                        "digits and _)");
  }
  return {};
}

expected<std::string> identifier(const json& arguments, const char* field) {
  const json* value = given(arguments, field);
  if (!value || value->get_ref<const std::string&>().empty()) return std::string();
  if (!is_identifier(value->get_ref<const std::string&>()))
    return refuse_argument(field, std::string(field) + " must be 1 to 128 of A-Z a-z 0-9 _ . -, " +
                                      "not " + as_given(*value));
  return value->get<std::string>();
}

expected<std::vector<std::string>> requirements(const json& list) {
  constexpr const char* field = "requirements";
  if (list.size() > max_requirements)
    return refuse_argument(field, "requirements has " + std::to_string(list.size()) +
                                      " entries; at most 100 are allowed");
  std::vector<std::string> all;
  for (const auto& item : list) {
    const auto& text = item.get_ref<const std::string&>();
    if (auto fault = requirement_fault(text); !fault.empty())
      return refuse_argument(field, "requirements: " + as_given(text) + " " + fault);
    all.push_back(text);
  }
  return all;
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

// Text lists, numbers and enumerations: kinds and ranges have been checked by the table.
void take_plain(const json& a, session_settings& s) {
  take(a, "metric_name", s.metric_name);
  take(a, "metric_pattern", s.metric_pattern);
  if (is_measured(s.metric_pattern)) {  // of time, memory and instructions less is better
    s.metric_direction = metric_direction::lower_is_better;
    if (!given(a, "metric_name")) s.metric_name = s.metric_pattern.substr(1);
  }
  take(a, "metric_direction", s.metric_direction);
  take(a, "metric_pick", s.metric_pick);
  take_integer(a, "max_iterations", s.max_iterations);
  take(a, "time_budget_s", s.time_budget_s);
  take(a, "total_time_budget_s", s.total_time_budget_s);
  take(a, "max_cost_usd", s.max_cost_usd);
  if (const json* tokens = given(a, "max_tokens"))
    s.max_tokens = static_cast<long long>(tokens->get<double>());
  take_integer(a, "spark_per_iteration", s.spark_per_iteration);
  s.spark_budget = spark_budget_of(a);
  take(a, "workspace", s.workspace);
  take(a, "repeats", s.repeats);
  if (const json* value = given(a, "target_metric")) s.target_metric = value->get<double>();
  take_integer(a, "plateau", s.plateau);
  take(a, "build_time_budget_s", s.build_time_budget_s);
  take(a, "check_time_budget_s", s.check_time_budget_s);
  take(a, "as_checked_out", s.as_checked_out);
  take(a, "significance", s.significance);
  take(a, "min_delta", s.min_delta);
  take(a, "allow_missing_baseline", s.allow_missing_baseline);
  take(a, "environment", s.environment);
  take(a, "sandbox", s.sandbox);
  take(a, "on_gate_error", s.on_gate_error);
  take_integer(a, "num_variants", s.num_variants);
  take(a, "explore_epsilon", s.explore_epsilon);
}

/// Reads one argument with `decode` into `member` when it is given.
template <class T, class Decode>
expected<> take_checked(const json& a, const char* name, T& member, Decode decode) {
  const json* value = given(a, name);
  if (!value) return {};
  auto decoded = decode(*value);
  if (!decoded) return decoded.error();
  member = std::move(*decoded);
  return {};
}

expected<> take_paths(const json& a, session_settings& s) {
  auto repo = absolute_path("repo_path", a.at("repo_path").get<std::string>());
  if (!repo) return repo.error();
  s.repo_path = std::move(*repo);
  auto target_files = targets(a);
  if (!target_files) return target_files.error();
  s.target_files = std::move(*target_files);
  for (auto [name, member] : {std::pair{"shared_paths", &s.shared_paths},
                              std::pair{"protected_paths", &s.protected_paths}})
    if (auto ok = take_checked(a, name, *member,
                               [name = name](const json& v) { return inside_paths(name, v); });
        !ok)
      return ok;
  if (const json* file = given(a, "constitution"); file && *file != "") {
    auto path = absolute_path("constitution", file->get<std::string>());
    if (!path) return path.error();
    s.constitution = std::move(*path);
  }
  return check_overlap(s);
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
  session_settings s;
  if (auto ok = take_paths(a, s); !ok) return ok.error();
  take_plain(a, s);
  for (auto [name, member] :
       {std::pair{"run_command", &s.run_command}, std::pair{"setup_command", &s.setup_command},
        std::pair{"build_command", &s.build_command}, std::pair{"check_command", &s.check_command}})
    if (auto ok = take_checked(a, name, *member,
                               [name = name](const json& v) { return command_argument(name, v); });
        !ok)
      return ok.error();
  for (auto [name, member] :
       {std::pair{"experiment_id", &s.experiment_id}, std::pair{"goal_id", &s.goal_id}}) {
    auto id = identifier(a, name);
    if (!id) return id.error();
    *member = std::move(*id);
  }
  if (auto ok = check_metric("metric_name", s.metric()); !ok) return ok.error();
  if (auto ok = take_checked(a, "guard_metrics", s.guard_metrics, guards); !ok) return ok.error();
  if (auto ok = take_checked(a, "gates", s.gates, gates); !ok) return ok.error();
  if (auto ok = take_checked(a, "edit_backend", s.edit_backend, backend); !ok) return ok.error();
  if (auto ok = check_environment(s.environment); !ok) return ok.error();
  if (auto ok = check_repeats(s); !ok) return ok.error();
  if (s.spark_per_iteration > s.spark_budget)
    return refuse_argument("spark_per_iteration",
                           "spark_per_iteration (" + std::to_string(s.spark_per_iteration) +
                               ") must be at most spark_budget (" + std::to_string(s.spark_budget) +
                               "), or no run could ever be paid for");
  take(a, "hive_parallel", s.hive_parallel);
  if (s.hive_parallel && s.workspace == workspace_kind::in_place)
    return refuse_argument("hive_parallel",
                           "hive_parallel needs workspace \"worktree\": in place there is one tree "
                           "only, where candidates cannot run side by side");
  if (auto ok = take_checked(a, "requirements", s.requirements, requirements); !ok)
    return ok.error();
  return s;
}

}  // namespace ratchet
