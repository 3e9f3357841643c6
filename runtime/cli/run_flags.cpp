// SPDX-License-Identifier: MIT
#include "runtime/cli/run_flags.hpp"

#include <charconv>
#include <cmath>

#include "runtime/tools/setting.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet::cli {

namespace {

expected<> read_duration(const setting& row, const std::string& text, json& value) {
  auto seconds = parse_duration(text);
  if (!seconds)
    return refuse_argument(row.argument.name,
                           std::string(row.on_command_line.names) +
                               " must be a time such as 90, 1.5m, 2h or 1d, not " + as_given(text));
  value = *seconds;
  return {};
}

/// What begins as JSON is JSON; the rest stays text.
expected<> read_json(const setting& row, const std::string& text, json& value) {
  value = text;
  if (!text.starts_with('{')) return {};
  value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) return {};
  return refuse_argument(row.argument.name, std::string(row.on_command_line.names) +
                                                " begins as JSON but is none: " + as_given(text));
}

expected<> read_gate(const setting& row, const std::string& text, json& value) {
  if (auto ok = read_json(row, text, value); !ok || value.is_object()) return ok;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    return refuse_argument(row.argument.name, std::string(row.on_command_line.names) +
                                                  " must be NAME=COMMAND, not " + as_given(text));
  value = {{"name", text.substr(0, equals)}, {"command", text.substr(equals + 1)}};
  return {};
}

template <class Read>
expected<> read_each(const setting& row, const json& said, json& value, Read read) {
  value = json::array();
  for (const auto& text : said)
    if (auto ok = read(row, text.get<std::string>(), value.emplace_back()); !ok) return ok;
  return {};
}

/// What a setting's flag said as its argument.
expected<> read_flag(const setting& row, const json& said, json& value) {
  value = said;
  if (row.seconds) return read_duration(row, said.get<std::string>(), value);
  switch (row.argument.kind) {
    case argument_kind::text_or_object:
      return read_json(row, said.get<std::string>(), value);
    case argument_kind::guards:
      return read_each(row, said, value, read_json);
    case argument_kind::gates:
      return read_each(row, said, value, read_gate);
    case argument_kind::count_or_auto:
      if (json number = json::parse(said.get<std::string>(), nullptr, false); number.is_number())
        value = std::move(number);
      return {};
    default:
      return {};
  }
}

expected<> put_direction(const run_flags& f, json& settings) {
  const bool direction = f.settings.contains("metric_direction");
  if (f.minimize + f.maximize + direction > 1)
    return refuse_argument("metric_direction",
                           "--direction, --minimize and --maximize say the same; give one");
  if (f.minimize) settings["metric_direction"] = "lower_is_better";
  if (f.maximize) settings["metric_direction"] = "higher_is_better";
  return {};
}

expected<> put_command(const run_flags& f, json& settings) {
  if (!f.command.empty() && !f.argv.empty())
    return refuse_argument("run_command",
                           "the command is given twice, with --command and after --; give one");
  if (!f.command.empty()) settings["run_command"] = f.command;
  if (!f.argv.empty()) settings["run_command"] = f.argv;
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
  if (auto ok = put_command(f, settings); !ok) return ok;
  if (auto ok = put_direction(f, settings); !ok) return ok;
  for (const auto& row : setting_rows()) {
    const std::string name(row.argument.name);
    if (const json* said = given(f.settings, name))
      if (auto ok = read_flag(row, *said, settings[name]); !ok) return ok;
  }
  if (f.parallel > 0) {
    settings["hive_parallel"] = f.parallel > 1;
    settings["num_variants"] = f.parallel;
  }
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
