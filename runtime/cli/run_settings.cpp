// SPDX-License-Identifier: MIT
#include "runtime/cli/run_settings.hpp"

#include <filesystem>

#include "runtime/edit/editors.hpp"
#include "runtime/tools/config.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

namespace fs = std::filesystem;

/// A target named from a folder inside the repository is meant as seen from there.
void seen_from_here(json& settings, const fs::path& repository) {
  std::error_code error;
  auto here = fs::current_path(error).lexically_relative(repository);
  if (error || here.empty() || here == "." || here.native().starts_with("..")) return;
  auto translate = [&](json& path) {
    if (!path.is_string()) return;
    auto text = path.get<std::string>();
    const bool takes_away = text.starts_with('!');
    if (takes_away) text.erase(0, 1);
    // Of a pattern the folder that it starts with must be there.
    const auto plain = text.substr(0, text.find_first_of("*?"));
    const auto top = plain.size() == text.size() ? text : plain.substr(0, plain.rfind('/') + 1);
    const bool from_root = !top.empty() && fs::exists(repository / top);
    if (!from_root && fs::exists(repository / here / top))
      path = (takes_away ? "!" : "") + (here / text).lexically_normal().string();
  };
  if (settings.contains("target_file")) translate(settings["target_file"]);
  if (settings.contains("target_files"))
    for (auto& path : settings["target_files"]) translate(path);
}

/// Checked here too, so that a slip costs no start of the laboratory.
expected<> check_settings(const json& settings) {
  if (!settings.contains("run_command"))
    return fail(errc::invalid_argument,
                "what is the experiment? Give it after --, as in `-- python3 train.py`, or with "
                "--command, or as run_command in ratchet.json",
                {{"field", "run_command"}});
  if (!settings.contains("target_file") && !settings.contains("target_files"))
    return fail(
        errc::invalid_argument,
        "which file may be edited? Give it with --target, or as target_file in ratchet.json",
        {{"field", "target_file"}});
  auto call = decode_call(
      settings.contains("hive_parallel") ? tool_names::start : tool_names::setup, settings);
  if (!call) return call.error();
  return {};
}

/// One at a time is what a session does that is not told otherwise, in ratchet.json or anywhere.
void leave_out_round_of_one(json& settings) {
  if (!settings.contains("hive_parallel") || settings["hive_parallel"] != false) return;
  settings.erase("hive_parallel");
  settings.erase("num_variants");
}

expected<> check_backend(const json& settings) {
  const auto choice = settings.value("edit_backend", json(edit_backend_choice{}));
  return check_backend_name(choice.get<edit_backend_choice>().name);
}

}  // namespace

expected<> read_settings(const run_flags& flags, json& settings) {
  json given = json::object();
  if (auto ok = flag_settings(flags, given); !ok) return ok;
  auto repository = find_repository(flags.repo.empty() ? "." : flags.repo);
  seen_from_here(given, repository);
  auto loaded = load_setup_arguments(given, repository);
  if (!loaded) return loaded.error();
  settings = std::move(*loaded);
  settings["repo_path"] = repository.string();
  leave_out_round_of_one(settings);
  put_seed(flags, settings);
  if (auto ok = check_settings(settings); !ok) return ok;
  return check_backend(settings);
}

expected<> read_settings_for_node(const run_flags& flags, json& settings) {
  if (!fs::path(flags.repo).is_absolute())
    return fail(errc::invalid_argument,
                "which repository of the node's machine? With --join, --repo is a path there and "
                "begins with /, as in --repo /srv/lab" +
                    (flags.repo.empty() ? "" : "; \"" + flags.repo + "\" does not"),
                {{"field", "repo_path"}});
  if (flags.slots != 0)
    return fail(errc::invalid_argument,
                "--slots says what this machine runs, and with --join the node runs: give it to "
                "`ratchet node` there",
                {{"field", "slots"}});
  json given = json::object();
  if (auto ok = flag_settings(flags, given); !ok) return ok;
  const auto here = find_repository(".");
  auto loaded = load_setup_arguments(given, here);
  if (!loaded) return loaded.error();
  settings = std::move(*loaded);
  settings["repo_path"] = flags.repo;
  // What the repository's ratchet.json names beside itself is beside it at the node, too.
  if (auto rules = settings.find("constitution");
      rules != settings.end() && !given.contains("constitution")) {
    const auto inside = fs::path(rules->get<std::string>()).lexically_relative(here);
    if (!inside.empty() && !inside.native().starts_with(".."))
      *rules = (fs::path(flags.repo) / inside).string();
  }
  leave_out_round_of_one(settings);
  put_seed(flags, settings);
  return check_settings(settings);
}

}  // namespace ratchet::cli
