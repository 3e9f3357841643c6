// SPDX-License-Identifier: MIT
//
// The command line in parts: what all commands share, and who adds which of them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/run_flags.hpp"

namespace ratchet::cli {

/// What was given, of whichever command.
struct parsed {
  std::string state_dir;
  std::string log;
  bool json_output = false;
  run_flags run;
  std::string tool, arguments = "{}";
  std::string text;
  bool off = false;
  std::string session;
  std::optional<int> iteration;
  events_flags events;
  mcp_flags mcp;
  peers_flags peers;
  node_flags node;
  worker_flags worker;
  settings_flags settings;
  std::string join;
};

using action = std::function<int(const command_context&)>;

/// The flags of every command.
void add_common(CLI::App& app, parsed& p);
/// A command; `what` is done when none of its own subcommands is given.
CLI::App& add(CLI::App& top, parsed& p, action& chosen, const char* name, const char* about,
              const char* footer, action what);

/// node, worker, workers, peers
void add_machine_commands(CLI::App& top, parsed& p, action& chosen);

}  // namespace ratchet::cli
