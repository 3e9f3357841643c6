// SPDX-License-Identifier: MIT
//
// How the agents are started. What they print is read in agent_output.cpp.
#include <algorithm>
#include <array>

#include "runtime/edit/agents.hpp"

namespace ratchet {

namespace {

/// Nothing but reading and editing files: no shell, no network, nothing outside the work tree.
constexpr const char* opencode_settings =
    R"(OPENCODE_CONFIG_CONTENT={"permission":{"edit":"allow","bash":"deny","webfetch":"deny",)"
    R"("external_directory":"deny"}})";

const std::vector<agent>& agents() {
  static const std::vector<agent> all{
      // Edits are accepted without asking; all else that would ask is refused without a terminal.
      {"claude",
       {"claude", "-p", "--output-format", "json", "--permission-mode", "acceptEdits",
        "--allowedTools", "Read,Edit,Write,Glob,Grep", "--strict-mcp-config"},
       "--model",
       {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL",
        "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CONFIG_DIR"},
       true,
       true},
      // Its own sandbox: writes in the work tree only, commands without network.
      {"codex",
       {"codex", "exec", "--json", "--skip-git-repo-check", "--ephemeral", "-s", "workspace-write",
        "-"},
       "--model",
       {"OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_API_KEY", "CODEX_HOME"},
       true,
       false},
      {"gemini",
       {"gemini", "-p", "{prompt}", "-o", "stream-json", "--approval-mode", "auto_edit",
        "--skip-trust"},
       "--model",
       {"GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_GENAI_USE_VERTEXAI"},
       true,
       false},
      {"opencode",
       {"opencode", "run", "--format", "json", "--auto", "--pure", "{prompt}"},
       "--model",
       {opencode_settings, "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY",
        "OPENROUTER_API_KEY"},
       true,
       true},
      // It must not commit, ask, look for a repository, or leave its histories and caches behind.
      {"aider",
       {"aider",
        "--message-file",
        "{prompt_file}",
        "--yes-always",
        "--no-git",
        "--no-auto-commits",
        "--no-dirty-commits",
        "--no-stream",
        "--no-pretty",
        "--no-check-update",
        "--analytics-disable",
        "--no-suggest-shell-commands",
        "--no-detect-urls",
        "--map-tokens",
        "0",
        "--chat-history-file",
        "/dev/null",
        "--input-history-file",
        "/dev/null",
        "{targets}"},
       "--model",
       {"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_API_BASE", "GEMINI_API_KEY",
        "OPENROUTER_API_KEY"},
       false,
       false}};
  return all;
}

}  // namespace

std::vector<std::string> agent_names() {
  std::vector<std::string> names;
  for (const auto& a : agents()) names.emplace_back(a.name);
  return names;
}

const agent* find_agent(std::string_view name) {
  const auto& all = agents();
  auto it = std::find_if(all.begin(), all.end(), [&](const agent& a) { return a.name == name; });
  return it == all.end() ? nullptr : &*it;
}

json command_of_agent(const json& options) {
  const agent* a = find_agent(options.value("preset", ""));
  if (!a) return options;
  json command = options;
  for (const char* name : {"preset", "model", "arguments", "prices"}) command.erase(name);
  auto argv = a->argv;
  std::vector<std::string> more;
  if (options.contains("model")) {
    more.emplace_back(a->model_flag);
    more.push_back(options["model"].get<std::string>());
  }
  for (const auto& word : options.value("arguments", json::array()))
    more.push_back(word.get<std::string>());
  // Behind the program and its sub-command, in front of what may end with the prompt itself.
  auto place = argv.begin() + (argv.size() > 1 && !argv[1].starts_with('-') ? 2 : 1);
  argv.insert(place, more.begin(), more.end());
  command["argv"] = argv;
  json environment = a->environment;
  for (const auto& e : options.value("environment", json::array())) environment.push_back(e);
  command["environment"] = std::move(environment);
  return command;
}

}  // namespace ratchet
