// SPDX-License-Identifier: MIT
//
// `ratchet settings` and `ratchet run --dry-run`: they read files and tell.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "actors/logic/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/run_flags.hpp"
#include "runtime/cli/searched_settings.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/git/target_files.hpp"
#include "runtime/tools/config.hpp"

namespace ratchet::cli {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> targets_in(const json& setup) {
  std::vector<std::string> out;
  if (auto one = setup.value("target_file", json()); one.is_string() && one != "")
    out.push_back(one.get<std::string>());
  if (auto several = setup.value("target_files", json()); several.is_array())
    for (const auto& t : several)
      if (t.is_string()) out.push_back(t.get<std::string>());
  return out;
}

/// The options of mutate, or nothing where another backend writes the edits.
std::optional<json> options_in(const json& setup) {
  const json backend = setup.value("edit_backend", json("mutate"));
  if (backend == "mutate") return json::object();
  if (!backend.is_object() || backend.value("name", json("mutate")) != "mutate")
    return std::nullopt;
  json options = backend;
  options.erase("name");
  return options;
}

std::optional<std::string> contents_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

expected<settings_survey> surveyed(const std::map<std::string, std::string>& targets,
                                   const json& options, const std::string& metric) {
  session_settings settings;
  for (const auto& [file, text] : targets) settings.target_files.push_back(file);
  if (auto ok = check_backend_choice({"mutate", options}, settings); !ok) return ok.error();
  return survey_settings(targets, options, metric);
}

/// The files that targets give, as they are in the user's tree; none where setup will refuse.
std::map<std::string, std::string> target_contents(const std::vector<std::string>& given,
                                                   const fs::path& repository) {
  std::map<std::string, std::string> targets;
  auto files = git::targets_in_head(repository.string(), given);
  if (!files) return targets;
  for (const auto& file : *files)
    if (auto text = contents_of(repository / file)) targets[file] = std::move(*text);
  return targets;
}

/// What a search with these arguments looks at; nothing where that cannot be told here.
std::optional<expected<settings_survey>> survey_of_setup(const json& setup) {
  auto options = options_in(setup);
  if (!options) return std::nullopt;
  auto targets = target_contents(targets_in(setup), setup.value("repo_path", "."));
  if (targets.empty()) return std::nullopt;
  return surveyed(targets, *options, setup.value("metric_name", session_settings{}.metric_name));
}

int show_survey(const command_context& context, const expected<settings_survey>& survey) {
  if (!survey) return complain(context, survey.error());
  if (context.json_output) {
    json j = settings_json(*survey);
    if (survey->found.empty()) j["error"] = nothing_to_search(*survey).text;
    print_json(j, isatty(STDOUT_FILENO) == 1);
  } else {
    for (const auto& line : settings_table(*survey, context.style))
      if (!print_line(line)) break;
    if (survey->found.empty()) return complain(context, nothing_to_search(*survey));
  }
  return survey->found.empty() ? exit_failed : exit_done;
}

}  // namespace

expected<std::string> searched_in_short(const json& setup) try {
  auto survey = survey_of_setup(setup);
  if (!survey) return std::string();
  if (!*survey) return survey->error();
  if ((*survey)->found.empty()) return nothing_to_search(**survey);
  return settings_in_short(**survey);
} catch (const json::exception&) {
  return std::string();  // setup says which argument is of the wrong kind
}

int show_searched(const command_context& context, const json& setup) {
  if (!context.join.empty())
    return complain(context,
                    fail(errc::invalid_argument,
                         "--dry-run reads the files, and with --join they are at the node: run "
                         "`ratchet settings FILE` there"),
                    exit_usage);
  if (!options_in(setup)) {
    const json backend = setup.value("edit_backend", json());
    std::string name = backend.is_object() ? backend.value("name", "") : backend.get<std::string>();
    std::string text = "edit_backend " + name + " writes the edits; it may change " +
                       listed(targets_in(setup), 20);
    if (context.json_output)
      print_json({{"edit_backend", name}, {"targets", targets_in(setup)}}, false);
    else
      print_line(harmless(text));
    return exit_done;
  }
  auto survey = survey_of_setup(setup);
  if (!survey)
    return complain(
        context, fail(errc::invalid_argument, "cannot read " + listed(targets_in(setup), 5) +
                                                  " in " + setup.value("repo_path", ".") +
                                                  ": give files of the repository with --target"));
  return show_survey(context, *survey);
}

int show_settings(const command_context& context, const settings_flags& flags) try {
  const auto repository = find_repository(".");
  json setup = json::object();
  // A broken ratchet.json matters only where it is needed.
  auto loaded = load_setup_arguments(json::object(), repository);
  if (loaded)
    setup = *loaded;
  else if (flags.files.empty())
    return complain(context, loaded.error());
  json options = options_in(setup).value_or(json::object());
  if (!flags.parameters.empty()) {
    options["parameters"] = json::parse(flags.parameters, nullptr, false);
    if (options["parameters"].is_discarded() || !options["parameters"].is_array())
      return complain(context,
                      fail(errc::invalid_argument,
                           "--parameters must be a JSON list such as [{\"file\": \"Makefile\", "
                           "\"match\": \"-O(\\\\w)\", \"choices\": [\"2\", \"3\"]}]"),
                      exit_usage);
  } else if (!flags.files.empty() && targets_in(setup) != flags.files) {
    options.erase("parameters");  // they are about the targets, not about these files
  }
  std::map<std::string, std::string> targets;
  if (flags.files.empty()) {
    targets = target_contents(targets_in(setup), repository);
    if (targets.empty())
      return complain(context,
                      fail(errc::invalid_argument,
                           "which file? Give one, as in `ratchet settings train.py`, or name it as "
                           "target_file in ratchet.json"),
                      exit_usage);
  }
  for (const auto& file : flags.files) {
    auto text = contents_of(file);
    if (!text)
      return complain(context, fail(errc::invalid_argument,
                                    "cannot read " + shown(file) + ": no such file, or no right"));
    targets[file] = std::move(*text);
  }
  auto metric = flags.metric.empty() ? setup.value("metric_name", session_settings{}.metric_name)
                                     : flags.metric;
  return show_survey(context, surveyed(targets, options, metric));
} catch (const json::exception& e) {
  return complain(context, fail(errc::invalid_argument, std::string("ratchet.json: ") + e.what()));
}

}  // namespace ratchet::cli
