// SPDX-License-Identifier: MIT
//
// The sub-commands of `ratchet`. Each returns its exit status: 0 done, 1 failed, 2 usage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/events.hpp"
#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "runtime/cli/style.hpp"

namespace ratchet::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_interrupted = 130;  ///< Ctrl-C, as a shell says it
inline constexpr int exit_usage = 2;

/// What holds for every sub-command.
struct command_context {
  std::filesystem::path state_dir;  ///< empty: the default
  bool json_output = false;
  text_style style;  ///< of standard output
  std::string join;  ///< where an invitation is; empty: work on this machine
};

struct run_flags;  // run_flags.hpp

struct events_flags {
  bool follow = false;
  subscription wanted;
};

struct mcp_flags {
  int slots = 0;       ///< experiments side by side; 0: the default
  int http_port = -1;  ///< -1: standard input and output; 0: any free port
  std::string token_file;
};

struct peers_flags {
  std::string node_id;
  std::string address;
  std::string name;
  std::optional<bool> exchange;
  std::optional<bool> share_recipes;
};

struct node_flags {
  std::string listen;                  ///< HOST:PORT; empty: loopback and the usual port
  std::string peers;                   ///< the same, for other owners' nodes; empty: nowhere
  int slots = -1;                      ///< of this machine; -1: half its processors
  int lease_s = 10;                    ///< how long a worker may be silent
  int max_connections = 512;           ///< of members, at once
  int max_per_address = 128;           ///< of them from one address
  int metrics_port = -1;               ///< of /metrics on loopback; 0: any free one; -1: none
  std::string name;                    ///< of a member
  std::string output;                  ///< file of an invitation; empty: NAME.invite
  bool again = false;                  ///< takes the place of a member of that name
  std::string expires;                 ///< a duration from now on; empty: never
  int uses = 0;                        ///< how many processes may join with it; 0: any number
  std::vector<std::string> addresses;  ///< where an invited member finds the node
};

struct worker_flags {
  std::string name;
  int slots = 0;  ///< 0: half of the processors
  std::vector<std::string> labels;
  std::vector<std::string> share;  ///< PATH=HERE
  double cache_gb = 20;
  double drain_within_s = 0;  ///< 0: as long as the runs take
  std::string until;          ///< a duration, or seconds since 1970; empty: as Slurm says
  std::string idle_exit;      ///< a duration; empty: never
  bool ephemeral = false;     ///< its files in a folder of its own that goes with it
  std::string devices;        ///< "auto" or a list; empty: none are leased
  bool pin = false;           ///< each slot's runs on processors of its own
  std::string wrap;           ///< words; empty: commands are run as they are
};

struct settings_flags {
  std::vector<std::string> files;  ///< empty: the targets of ratchet.json
  std::string metric;              ///< empty: as ratchet.json says
  std::string parameters;          ///< JSON: mutate's option of that name
};

int run_search(const command_context& context, const run_flags& flags);
int show_tools(const command_context& context);
/// `arguments`: JSON, @file or - for standard input.
int call_tool(const command_context& context, const std::string& tool,
              const std::string& arguments);
int show_status(const command_context& context, const std::string& session_id);
int show_session(const command_context& context, const std::string& session_id,
                 std::optional<int> iteration);
int show_events(const command_context& context, const events_flags& flags);
int show_report(const command_context& context, const std::string& session_id);
int show_settings(const command_context& context, const settings_flags& flags);
int show_doctor(const command_context& context);
int serve_mcp(const command_context& context, const mcp_flags& flags);
int show_peers(const command_context& context);
int add_peer(const command_context& context, const peers_flags& flags);
int remove_peer(const command_context& context, const peers_flags& flags);
int forgive_peer(const command_context& context, const peers_flags& flags);
int renumber_deltas(const command_context& context);
int set_federation(const command_context& context, const peers_flags& flags);
int run_node(const command_context& context, const node_flags& flags);
int invite_member(const command_context& context, const node_flags& flags);
int revoke_member(const command_context& context, const node_flags& flags);
int show_members(const command_context& context);
int run_worker(const command_context& context, const worker_flags& flags);
int show_workers(const command_context& context);

/// The same at the node that context.join invites to.
int call_remote_tool(const command_context& context, const std::string& tool,
                     const std::string& arguments);
int show_remote_status(const command_context& context, const std::string& session_id);
int show_remote_events(const command_context& context, const events_flags& flags);

/// Colour and UTF-8 for standard output: NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG.
text_style style_of_output();

/// One line on standard output. False when nobody reads it any more.
bool print_line(std::string_view line);
bool print_error_line(std::string_view line);
/// One JSON value on one line; on several when a person reads it at a terminal.
bool print_json(const json& value, bool indented);
/// Says what failed: as the answer object with --json, else on standard error. Returns `status`.
/// New instructions for a search that runs: text or "@FILE".
int steer_search(const command_context& context, const std::string& session,
                 const std::string& text);
/// No further edit in it; `off`: it goes on.
int pause_search(const command_context& context, const std::string& session, bool off);

int complain(const command_context& context, const failure& why, int status = exit_failed);

}  // namespace ratchet::cli
