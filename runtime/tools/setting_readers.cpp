// SPDX-License-Identifier: MIT
#include "runtime/tools/setting_readers.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "actors/logic/measured_metric.hpp"
#include "actors/logic/metric.hpp"
#include "actors/logic/path_globs.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "runtime/tools/setting.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

template <class T>
void take(const json& arguments, const char* name, T& member) {
  if (const json* value = given(arguments, name)) value->get_to(member);
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

}  // namespace

expected<std::vector<std::string>> read_inside_paths(std::string_view field, const json& list) {
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

expected<std::string> read_path(std::string_view field, const json& value) {
  return absolute_path(field, value.get<std::string>());
}

expected<std::string> read_path_if_any(std::string_view field, const json& value) {
  return value == "" ? std::string() : read_path(field, value);
}

expected<std::string> read_target(std::string_view field, const json& value) {
  const auto& given = value.get_ref<const std::string&>();
  if (!is_glob(given)) return inside_path(field, given);
  if (auto fault = glob_fault(given); !fault.empty())
    return refuse_argument(field, std::string(field) + ": " + as_given(value) + " " + fault +
                                      "; give a file, a folder, or a pattern such as "
                                      "\"src/**/*.cpp\" or \"!src/gen/**\"");
  return given.starts_with("./") ? given.substr(2) : given;
}

expected<std::vector<std::string>> read_targets(std::string_view field, const json& list) {
  std::vector<std::string> targets;
  for (const auto& item : list) {
    auto target = read_target(field, item);
    if (!target) return target.error();
    if (std::find(targets.begin(), targets.end(), *target) != targets.end())
      return refuse_argument(field, std::string(field) + " names " + as_given(*target) + " twice");
    targets.push_back(std::move(*target));
  }
  const bool any = std::any_of(targets.begin(), targets.end(),
                               [](const std::string& t) { return !t.starts_with('!'); });
  if (!any)
    return refuse_argument(field, std::string(field) +
                                      (list.empty() ? " is an empty list" : " only takes away") +
                                      "; name at least one file, folder or pattern");
  return targets;
}

expected<std::string> read_identifier(std::string_view field, const json& value) {
  auto text = value.get<std::string>();
  if (!text.empty() && !is_identifier(text))
    return refuse_argument(field, std::string(field) + " must be 1 to 128 of A-Z a-z 0-9 _ . -, " +
                                      "not " + as_given(value));
  return text;
}

expected<std::vector<std::string>> read_environment_names(std::string_view field,
                                                          const json& list) {
  auto environment = list.get<std::vector<std::string>>();
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
  return environment;
}

expected<std::string> read_text_or_file(std::string_view field, const json& value) {
  constexpr std::size_t most = most_instruction_bytes;
  auto text = value.get<std::string>();
  if (!text.starts_with('@')) return text;
  const std::string path = text.substr(1);
  std::ifstream file(path, std::ios::binary);
  std::string bytes(most + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!file.is_open() || file.bad())
    return refuse_argument(field, std::string(field) + ": the file " + as_given(path) +
                                      " cannot be read; give its path after the @, or the text");
  if (bytes.size() > most)
    return refuse_argument(field, std::string(field) + ": the file " + as_given(path) +
                                      " has more than 32 KiB; give a shorter text");
  return valid_utf8(bytes);
}

expected<std::vector<std::string>> read_globs(std::string_view field, const json& list) {
  auto globs = list.get<std::vector<std::string>>();
  for (const auto& glob : globs)
    if (auto fault = glob_fault(glob); !fault.empty())
      return refuse_argument(field,
                             std::string(field) + ": the pattern " + as_given(glob) + " " + fault);
  return globs;
}

expected<std::vector<std::string>> read_requirements(std::string_view field, const json& list) {
  std::vector<std::string> all;
  for (const auto& item : list) {
    const auto& text = item.get_ref<const std::string&>();
    if (auto fault = requirement_fault(text); !fault.empty())
      return refuse_argument(field, "requirements: " + as_given(text) + " " + fault);
    all.push_back(text);
  }
  return all;
}

expected<> check_metric(std::string_view field, const metric_rule& rule) {
  if (one_line(rule.name, 128) != rule.name || rule.name.empty() || rule.name.size() > 128)
    return refuse_argument(field, std::string(field) + " has the metric name " +
                                      as_given(rule.name) +
                                      "; a name is one line of 1 to 128 bytes without blanks at "
                                      "its ends");
  auto compiled = compile_metric(rule);
  if (compiled) return {};
  if (field != "guard_metrics") return compiled.error();
  failure why = compiled.error();  // says metric_pattern; it is the guard's
  return refuse_argument(field, "guard metric " + as_given(rule.name) + ": " + why.text);
}

template <>
expected<command_line> read_setting(std::string_view field, const json& value) {
  return command_argument(field, value);
}

template <>
expected<edit_backend_choice> read_setting(std::string_view field, const json& value) {
  const json* name = value.is_object() ? given(value, "name") : &value;
  if (!name || !name->is_string())
    return refuse_argument(field,
                           "edit_backend: " + as_given(value) + " lacks the text key \"name\"");
  return value.get<edit_backend_choice>();
}

template <>
expected<std::vector<guard_metric>> read_setting(std::string_view field, const json& list) {
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

template <>
expected<std::vector<external_gate>> read_setting(std::string_view field, const json& list) {
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

}  // namespace ratchet
