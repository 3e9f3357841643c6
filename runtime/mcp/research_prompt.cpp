// SPDX-License-Identifier: MIT
#include "runtime/mcp/research_prompt.hpp"

namespace ratchet::mcp {

const std::string_view research_instructions =
    "Ratchet makes code measurably better by experiment. Loop: "
    "1. autoresearch_setup (repository, target file, run command that prints a metric) answers a "
    "session_id and the baseline. "
    "2. autoresearch_edit: one small edit with a hypothesis, as edits (search and replace), diff "
    "or "
    "content; without one the session's backend proposes. "
    "3. autoresearch_run measures it. "
    "4. autoresearch_decide keeps it as a commit when it is better and passes the gates, and "
    "reverts "
    "it otherwise. Go on with 2 while should_continue is true. "
    "5. autoresearch_finalize writes the report and names the branch to merge. "
    "The user's own files are not touched: edits are kept in Ratchet's copy, so after the first "
    "kept edit read the text to change with autoresearch_show (what: text). The same tool shows "
    "the diff and the output of every iteration, and the history. "
    "A step that takes long answers state \"running\": call get_autoresearch_status with the "
    "session_id and wait_ms, its last_result is the step's answer. "
    "An answer with error and code changed nothing; its text says what to do. "
    "Try one idea at a time, learn from reverted ones, and never change what measures.";

namespace {

constexpr const char* prompt_name = "improve";

json argument(const char* name, const char* description, bool required) {
  return {{"name", name}, {"description", description}, {"required", required}};
}

std::string given(const json& arguments, const char* name) {
  auto it = arguments.find(name);
  return it != arguments.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

json research_prompts() {
  return json::array(
      {{{"name", prompt_name},
        {"title", "Improve a program by experiments"},
        {"description",
         "Runs the whole loop on one file: measure, edit, measure again, keep what "
         "is better."},
        {"arguments",
         json::array({argument("target_file", "the file to improve", true),
                      argument("run_command", "what runs it and prints the metric", true),
                      argument("metric_name", "name of the metric in the output", false),
                      argument("iterations", "how many edits to try", false)})}}});
}

std::optional<json> research_prompt(const std::string& name, const json& arguments) {
  if (name != prompt_name) return std::nullopt;
  const auto metric = given(arguments, "metric_name");
  const auto iterations = given(arguments, "iterations");
  std::string text = "Improve " + given(arguments, "target_file") +
                     " by experiments with Ratchet. Set a session up on this repository with the "
                     "run command `" +
                     given(arguments, "run_command") + "`";
  if (!metric.empty()) text += " and the metric " + metric;
  text += ", then edit, run and decide";
  text += iterations.empty() ? " until should_continue is false" : " " + iterations + " times";
  text +=
      ". Read the target first; give each edit a hypothesis, one idea at a time, and use what the "
      "runs before it taught. At the end finalize, and tell me the gain, what made it, and the "
      "branch to merge.";
  return json{{"description", "Improve a program by experiments"},
              {"messages",
               json::array({{{"role", "user"}, {"content", {{"type", "text"}, {"text", text}}}}})}};
}

}  // namespace ratchet::mcp
