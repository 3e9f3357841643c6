// SPDX-License-Identifier: MIT
#include "runtime/edit/backend_options.hpp"

#include <re2/re2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "actors/logic/target_set.hpp"
#include "actors/logic/text.hpp"
#include "runtime/edit/agents.hpp"
#include "runtime/edit/option_checks.hpp"
#include "runtime/edit/price_table.hpp"
#include "runtime/edit/script_file.hpp"

namespace ratchet {

using namespace option;

namespace {

std::string check_parameter(const json& p, const session_settings& settings) {
  if (!p.is_object()) return "must be an object such as {\"file\", \"match\", \"range\": [8, 512]}";
  if (auto wrong = unknown_option(p, {"file", "match", "range", "choices", "log", "step"});
      !wrong.empty())
    return wrong;
  if (auto wrong = first_of({check_text(p, "file"), check_text(p, "match"), check_bool(p, "log")});
      !wrong.empty())
    return wrong;
  if (!p.contains("match")) return "needs match, a pattern with one group on the literal";
  const target_set targets(settings.target_files);
  if (!p.contains("file") && (targets.given().size() > 1 || !targets.only_names()))
    return "needs file, since there are several targets";
  if (p.contains("file") && !settings.target_files.empty() &&
      !targets.contains(p["file"].get<std::string>()))
    return "option file names " + quoted(p["file"]) + ", which is not a target";
  RE2 regex(p["match"].get<std::string>(), RE2::Quiet);
  if (!regex.ok()) return "option match is no pattern: " + regex.error();
  if (regex.NumberOfCapturingGroups() != 1)
    return "option match needs exactly one group, on the literal; it has " +
           std::to_string(regex.NumberOfCapturingGroups());
  if (p.contains("range") && p.contains("choices")) return "takes range or choices, not both";
  if (p.contains("choices")) {
    const auto& c = p["choices"];
    bool scalar = c.is_array() && std::all_of(c.begin(), c.end(), [](const json& x) {
                    return x.is_string() || x.is_number() || x.is_boolean();
                  });
    if (!scalar || c.size() < 2)
      return want("choices", "a list of at least two texts or numbers", c);
    if (p.contains("log") || p.contains("step")) return "takes log and step only with a range";
  }
  if (p.contains("range")) {
    const auto& r = p["range"];
    if (!r.is_array() || r.size() != 2 || !r[0].is_number() || !r[1].is_number() ||
        !(r[0].get<double>() < r[1].get<double>()) || std::fabs(r[0].get<double>()) > 1e15 ||
        std::fabs(r[1].get<double>()) > 1e15)
      return want("range", "[low, high] with low < high", r);
    double width = r[1].get<double>() - r[0].get<double>();
    if (p.value("log", false) && r[0].get<double>() <= 0)
      return "option log needs a range whose lower bound is above 0";
    return check_number(p, "step", width * 1e-5, width, false,
                        "above 0 and at most the range's width");
  }
  return p.contains("step") || p.contains("log") ? "takes log and step only with a range" : "";
}

}  // namespace

std::string unknown_option(const json& options, const std::vector<std::string>& known) {
  for (const auto& [name, value] : options.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string list;
    for (const auto& k : known) list += (list.empty() ? "" : ", ") + k;
    auto near = nearest_word(name, known);
    return "unknown option \"" + one_line(valid_utf8(name), 40) + "\"" +
           (near.empty() ? "" : "; did you mean \"" + near + "\"?") +
           " (known: " + (list.empty() ? "none" : list) + ")";
  }
  return "";
}

std::string check_mutate_options(const json& options, const session_settings& settings) {
  auto wrong = first_of({unknown_option(options, {"seed", "parameters", "only_annotated"}),
                         check_number(options, "seed", -9.2e18, 9.2e18, true, "a whole number"),
                         check_bool(options, "only_annotated")});
  if (!wrong.empty() || !options.contains("parameters")) return wrong;
  const auto& list = options["parameters"];
  if (!list.is_array()) return want("parameters", "a list of objects", list);
  for (std::size_t i = 0; i < list.size(); ++i)
    if (auto problem = check_parameter(list[i], settings); !problem.empty())
      return "parameter " + std::to_string(i + 1) + ": " + problem;
  return "";
}

namespace {

std::string check_environment_option(const json& options) {
  if (!options.contains("environment")) return "";
  const auto& e = options["environment"];
  bool fine = is_text_list(e) && std::none_of(e.begin(), e.end(), [](const json& x) {
                auto s = x.get<std::string>();
                return s.empty() || s.front() == '=' || s.find('\0') != std::string::npos;
              });
  return fine ? "" : want("environment", "a list of NAME or NAME=value", e);
}

std::string check_agent_options(const json& options) {
  auto wrong =
      first_of({unknown_option(options, {"preset", "model", "arguments", "prices", "timeout_s",
                                         "environment", "hypothesis", "include_targets"}),
                check_one_of(options, "preset", agent_names()), check_text(options, "model"),
                check_text(options, "hypothesis"), check_bool(options, "include_targets"),
                check_number(options, "timeout_s", 0.1, 86'400, false,
                             "a number of seconds from 0.1 to 86400"),
                check_prices(options), check_environment_option(options)});
  if (!wrong.empty()) return wrong;
  if (options.contains("arguments") && !is_text_list(options["arguments"]))
    return want("arguments", "a list of texts", options["arguments"]);
  return "";
}

}  // namespace

std::string check_command_options(const json& options) {
  if (options.contains("preset")) return check_agent_options(options);
  auto wrong =
      first_of({unknown_option(options, {"argv", "shell", "prompt", "reply", "format", "timeout_s",
                                         "environment", "hypothesis", "include_targets"}),
                check_bool(options, "shell"), check_bool(options, "include_targets"),
                check_one_of(options, "prompt", {"argument", "stdin", "file"}),
                check_one_of(options, "reply", {"work_tree", "stdout"}),
                check_one_of(options, "format", {"auto", "blocks", "diff", "whole"}),
                check_number(options, "timeout_s", 0.1, 86'400, false,
                             "a number of seconds from 0.1 to 86400"),
                check_text(options, "hypothesis")});
  if (!wrong.empty()) return wrong;
  if (!options.contains("argv"))
    return "option argv is missing: the program and its arguments, as a list; or preset for an "
           "agent that is known";
  const auto& argv = options["argv"];
  bool shell = options.value("shell", false);
  if (argv.is_string() && !shell)
    return "option argv must be a list such as [\"agent\", \"-p\", \"{prompt}\"]; a string needs "
           "\"shell\": true";
  if (shell) {
    if (!argv.is_string() || argv.get<std::string>().empty())
      return want("argv", "one string with \"shell\": true", argv);
    // A prompt put into a shell's text would be read as shell.
    for (const char* name : {"{prompt}", "{prompt_file}", "{target}", "{targets}"})
      if (argv.get<std::string>().find(name) != std::string::npos)
        return std::string("option argv: no placeholders with \"shell\": true; instead of ") +
               name +
               " use standard input or \"$RATCHET_PROMPT_FILE\", \"$RATCHET_TARGET\", "
               "\"$RATCHET_TARGETS\"";
    if (options.value("prompt", "stdin") == "argument")
      return "option prompt: with \"shell\": true it must be stdin or file";
  } else if (!is_text_list(argv) || argv.empty() || argv[0].get<std::string>().empty()) {
    return want("argv", "a list of texts that starts with a program", argv);
  } else if (options.value("prompt", "") == "file") {
    bool named = std::any_of(argv.begin(), argv.end(), [](const json& a) {
      return a.get<std::string>().find("{prompt_file}") != std::string::npos;
    });
    if (!named) return "option prompt is file, but no argument contains {prompt_file}";
  }
  if (auto no = check_environment_option(options); !no.empty()) return no;
  if (options.contains("format") && options.value("reply", "work_tree") != "stdout")
    return "option format needs \"reply\": \"stdout\"";
  return "";
}

std::string check_script_options(const json& options, const session_settings& settings) {
  auto wrong = first_of({unknown_option(options, {"path"}), check_text(options, "path")});
  if (!wrong.empty()) return wrong;
  if (!options.contains("path"))
    return "option path is missing: a JSON Lines file with one edit a line";
  std::string path = script_path(options, settings);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      ::access(path.c_str(), R_OK) != 0)
    return "option path names " + path + ", which is not a file that can be read";
  return "";
}

std::string check_recipes_options(const json& options) {
  return first_of(
      {unknown_option(options, {"limit", "received"}), check_bool(options, "received"),
       check_number(options, "limit", 1, 10'000, true, "a whole number from 1 to 10000")});
}

}  // namespace ratchet
