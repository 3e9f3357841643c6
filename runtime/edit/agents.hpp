// SPDX-License-Identifier: MIT
//
// Agent programs that the `command` backend knows how to start: what each is called with so that it
// works without a terminal and inside the work tree only, and how its output is read.
//
//   claude     one JSON document: tokens and cost
//   codex      JSON lines: tokens
//   gemini     JSON lines: tokens
//   opencode   JSON lines: tokens and cost of each step
//   aider      text: nothing that is exact enough to count
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ports/process_port.hpp"
#include "runtime/llm/tokens.hpp"

namespace ratchet {

struct agent {
  std::string_view name;
  std::vector<std::string> argv;  ///< with {prompt}, {prompt_file}, {targets}; else by stdin
  std::string_view model_flag;
  std::vector<std::string> environment;  ///< its keys and settings, passed on by name
  bool tells_tokens = false;
  bool tells_cost = false;
};

std::vector<std::string> agent_names();
/// Null when there is none of this name.
const agent* find_agent(std::string_view name);

/// The options of a plain command for those with `preset`, which have been checked: argv and
/// environment; the rest as it was.
json command_of_agent(const json& options);

/// What an agent said of its work.
struct agent_report {
  std::string text;   ///< its last words
  std::string error;  ///< why it failed, if it said so
  std::string model;
  token_usage usage;
  std::optional<double> cost_usd;
};

/// Reads an agent's output as it comes, other programs' lines in between passed over. A line of
/// more than 4 MiB is not read.
class agent_reader final : public output_sink {
 public:
  explicit agent_reader(std::string_view name) : name_(name) {}
  void consume(std::string_view bytes) override;
  /// At the end of the output.
  agent_report finish();
  std::size_t bytes() const { return bytes_; }

 private:
  void take_line();
  void take(const json& object);

  std::string_view name_;
  std::string line_;
  bool too_long_ = false;
  std::size_t bytes_ = 0;
  agent_report report_;
};

}  // namespace ratchet
