// SPDX-License-Identifier: MIT
#include "runtime/cli/run_flags.hpp"

#include <charconv>
#include <cmath>

#include "runtime/tools/tool_arguments.hpp"

namespace ratchet::cli {

namespace {

template <class T>
void put(json& settings, const char* name, const std::optional<T>& value) {
  if (value) settings[name] = *value;
}

void put(json& settings, const char* name, const std::vector<std::string>& list) {
  if (!list.empty()) settings[name] = list;
}

expected<> put_duration(json& settings, const char* name, const char* flag,
                        const std::optional<std::string>& text) {
  if (!text) return {};
  auto seconds = parse_duration(*text);
  if (!seconds)
    return refuse_argument(name, std::string(flag) +
                                     " must be a time such as 90, 1.5m, 2h or 1d, " + "not " +
                                     as_given(*text));
  settings[name] = *seconds;
  return {};
}

bool looks_like_json(const std::string& text) { return text.starts_with('{'); }

expected<> read_json(const char* name, const char* flag, const std::string& text, json& value) {
  value = json::parse(text, nullptr, false);
  if (value.is_discarded())
    return refuse_argument(name,
                           std::string(flag) + " begins as JSON but is none: " + as_given(text));
  return {};
}

expected<> put_direction(const run_flags& f, json& settings) {
  int said = f.minimize + f.maximize + f.direction.has_value();
  if (said > 1)
    return refuse_argument("metric_direction",
                           "--direction, --minimize and --maximize say the same; give one");
  if (f.minimize) settings["metric_direction"] = "lower_is_better";
  if (f.maximize) settings["metric_direction"] = "higher_is_better";
  put(settings, "metric_direction", f.direction);
  return {};
}

expected<> put_guards(const run_flags& f, json& settings) {
  for (const auto& text : f.guards) {
    json value = text;
    if (looks_like_json(text))
      if (auto ok = read_json("guard_metrics", "--guard", text, value); !ok) return ok;
    settings["guard_metrics"].push_back(std::move(value));
  }
  return {};
}

expected<> put_gates(const run_flags& f, json& settings) {
  for (const auto& text : f.gates) {
    json value;
    if (looks_like_json(text)) {
      if (auto ok = read_json("gates", "--gate", text, value); !ok) return ok;
    } else {
      std::size_t equals = text.find('=');
      if (equals == std::string::npos)
        return refuse_argument("gates", "--gate must be NAME=COMMAND, not " + as_given(text));
      value = {{"name", text.substr(0, equals)}, {"command", text.substr(equals + 1)}};
    }
    settings["gates"].push_back(std::move(value));
  }
  return {};
}

}  // namespace

std::optional<double> parse_duration(const std::string& text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "s") return number;
  if (unit == "ms") return number / 1000;
  if (unit == "m" || unit == "min") return number * 60;
  if (unit == "h") return number * 3600;
  if (unit == "d") return number * 86'400;
  return std::nullopt;
}

expected<> flag_settings(const run_flags& f, json& settings) {
  if (f.targets.size() == 1) settings["target_file"] = f.targets.front();
  if (f.targets.size() > 1) settings["target_files"] = f.targets;
  if (!f.command.empty() && !f.argv.empty())
    return refuse_argument("run_command",
                           "the command is given twice, with --command and after --; give one");
  if (!f.command.empty()) settings["run_command"] = f.command;
  put(settings, "run_command", f.argv);
  put(settings, "metric_name", f.metric);
  put(settings, "metric_pattern", f.pattern);
  put(settings, "metric_pick", f.pick);
  if (auto ok = put_direction(f, settings); !ok) return ok;
  put(settings, "max_iterations", f.iterations);
  if (auto ok = put_duration(settings, "time_budget_s", "--time-budget", f.time_budget); !ok)
    return ok;
  if (auto ok = put_duration(settings, "total_time_budget_s", "--total-time", f.total_time); !ok)
    return ok;
  put(settings, "max_cost_usd", f.max_cost);
  put(settings, "max_tokens", f.max_tokens);
  put(settings, "spark_budget", f.spark_budget);
  put(settings, "spark_per_iteration", f.spark_per_iteration);
  if (f.repeats) {
    const json number = json::parse(*f.repeats, nullptr, false);
    settings["repeats"] = number.is_number() ? number : json(*f.repeats);
  }
  put(settings, "target_metric", f.target_metric);
  put(settings, "plateau", f.plateau);
  put(settings, "significance", f.significance);
  put(settings, "min_delta", f.min_delta);
  put(settings, "explore_epsilon", f.explore_epsilon);
  if (f.backend) {
    json value = *f.backend;
    if (looks_like_json(*f.backend))
      if (auto ok = read_json("edit_backend", "--backend", *f.backend, value); !ok) return ok;
    settings["edit_backend"] = std::move(value);
  }
  if (auto ok = put_guards(f, settings); !ok) return ok;
  if (auto ok = put_gates(f, settings); !ok) return ok;
  put(settings, "protected_paths", f.protect);
  put(settings, "shared_paths", f.share);
  put(settings, "environment", f.environment);
  put(settings, "setup_command", f.setup_command);
  put(settings, "build_command", f.build_command);
  put(settings, "check_command", f.check_command);
  if (auto ok = put_duration(settings, "build_time_budget_s", "--build-time", f.build_time); !ok)
    return ok;
  if (auto ok = put_duration(settings, "check_time_budget_s", "--check-time", f.check_time); !ok)
    return ok;
  if (f.as_checked_out) settings["as_checked_out"] = true;
  put(settings, "workspace", f.workspace);
  put(settings, "sandbox", f.sandbox);
  put(settings, "constitution", f.constitution);
  put(settings, "on_gate_error", f.on_gate_error);
  put(settings, "experiment_id", f.experiment_id);
  put(settings, "goal_id", f.goal_id);
  put(settings, "requirements", f.require);
  if (f.parallel > 0) {
    settings["hive_parallel"] = f.parallel > 1;
    settings["num_variants"] = f.parallel;
  }
  if (f.allow_missing_baseline) settings["allow_missing_baseline"] = true;
  return {};
}

void put_seed(const run_flags& f, json& settings) {
  if (!f.seed) return;
  json& backend = settings["edit_backend"];
  if (backend.is_null()) backend = "mutate";
  if (backend.is_string()) backend = json{{"name", backend}};
  if (backend.is_object()) backend["seed"] = *f.seed;
}

std::filesystem::path find_repository(const std::filesystem::path& start) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(start, error).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  for (auto at = absolute; !error; at = at.parent_path()) {
    if (std::filesystem::exists(at / ".git", error)) return at;
    if (at == at.root_path()) break;
  }
  return absolute;
}

}  // namespace ratchet::cli
