// SPDX-License-Identifier: MIT
#include "runtime/tools/tools.hpp"

#include <algorithm>
#include <array>

#include "runtime/tools/setting.hpp"

namespace ratchet {

namespace {

using kind = argument_kind;
using arguments = std::vector<tool_argument>;

constexpr std::size_t session_id_bytes = 128;
constexpr std::size_t edit_bytes = 4 << 20;

tool_argument wait_ms() {
  return {.name = "wait_ms",
          .kind = kind::integer,
          .description =
              "How long this call may block, in milliseconds, 0 to 86400000. When it passes "
              "first the step goes on, the answer says state \"running\", and the result is "
              "read with get_autoresearch_status.",
          .minimum = 0,
          .maximum = 86'400'000};
}

/// The settings that the two tools which set up take; those of rounds come last.
arguments setup_arguments(bool with_rounds) {
  arguments all;
  auto add = [&](bool of_rounds) {
    for (const auto& row : setting_rows())
      if ((row.who == said_by::rounds) == of_rounds) all.push_back(row.argument);
  };
  add(false);
  all.push_back(wait_ms());
  if (with_rounds) add(true);
  return all;
}

tool_argument session_id() {
  return {.name = "session_id",
          .kind = kind::text,
          .description = "The session: the 12 hexadecimal digits that autoresearch_setup answered.",
          .required = true,
          .max_bytes = session_id_bytes};
}

arguments edit_arguments() {
  return {
      session_id(),
      tool_argument{.name = "hypothesis",
                    .kind = kind::text,
                    .description = "What this edit tries and why it should help, in one sentence; "
                                   "the first 200 characters are kept.",
                    .max_bytes = 16 << 10},
      tool_argument{.name = "edits",
                    .kind = kind::edits,
                    .description =
                        "The edit as a list of {file, search, replace}, 1 to 1000: search "
                        "is the exact text to replace; an empty search is for a file that is "
                        "empty or not there yet (for a whole new text: content). At most one of "
                        "edits, diff and content; 4 MiB "
                        "in all.",
                    .max_bytes = edit_bytes},
      tool_argument{.name = "diff",
                    .kind = kind::text,
                    .description = "The edit as a unified diff. At most one of edits, diff and "
                                   "content; at most 4 MiB.",
                    .max_bytes = edit_bytes},
      tool_argument{.name = "content",
                    .kind = kind::text_or_object,
                    .description =
                        "The edit as the whole new text of the one target, or an object "
                        "of file to text. At most one of edits, diff and content; at most "
                        "4 MiB.",
                    .max_bytes = edit_bytes},
      wait_ms()};
}

arguments step_arguments() { return {session_id(), wait_ms()}; }

arguments finalize_arguments() {
  return {
      session_id(),
      tool_argument{.name = "compare",
                    .kind = kind::boolean,
                    .description = "Whether the baseline and the best are measured against each "
                                   "other once more, in pairs, where something was kept.",
                    .default_json = "true"},
      wait_ms()};
}

arguments status_arguments() {
  return {tool_argument{.name = "session_id",
                        .kind = kind::text,
                        .description =
                            "The session: 12 hexadecimal digits. Empty: every session that is "
                            "not finished.",
                        .default_json = "\"\"",
                        .max_bytes = session_id_bytes},
          tool_argument{.name = "wait_ms",
                        .kind = kind::integer,
                        .description =
                            "Waits so many milliseconds, 0 to 86400000, for a step at work to "
                            "end.",
                        .default_json = "0",
                        .minimum = 0,
                        .maximum = 86'400'000}};
}

arguments hive_arguments() {
  return {tool_argument{.name = "task_type",
                        .kind = kind::text,
                        .description = "The kind of task, 1 to 64 bytes; experiments are "
                                       "\"autoresearch\".",
                        .default_json = "\"autoresearch\"",
                        .max_bytes = 64}};
}

const std::vector<tool>& all_tools() {
  static const std::vector<tool> all{
      tool{.name = "autoresearch_setup",
           .title = "Set up a code research session",
           .description =
               "Opens a session on a git repository: checks everything, cuts an isolated "
               "work tree and runs the unmodified code as the baseline. Answers "
               "session_id. Then loop autoresearch_edit, autoresearch_run, "
               "autoresearch_decide, and end with autoresearch_finalize.",
           .arguments = setup_arguments(false)},
      tool{.name = "autoresearch_edit",
           .title = "Apply one edit",
           .description = "Applies one edit to the targets in the work tree, all or nothing: the "
                          "edit given as edits, diff or content, or without these one that the "
                          "session's edit backend proposes. permanent in the answer: asking again "
                          "is of no use. Next: autoresearch_run.",
           .arguments = edit_arguments()},
      tool{.name = "autoresearch_run",
           .title = "Run the experiment",
           .description =
               "Runs the command on the edited code and extracts the metric. Says whether "
               "it improved on the best so far, and why it did not. Next: autoresearch_decide.",
           .arguments = step_arguments()},
      tool{.name = "autoresearch_decide",
           .title = "Keep or revert the edit",
           .description = "Keeps an improvement that passes the gates as a commit on the branch "
                          "ratchet/<session_id>, and reverts anything else. Says whether to "
                          "continue. Asking again repeats the answer.",
           .arguments = step_arguments(),
           .destructive = true,
           .idempotent = true},
      tool{.name = "autoresearch_finalize",
           .title = "End the session",
           .description =
               "Ends the session: reverts an undecided edit, measures what was kept "
               "against the baseline once more in pairs (comparison), writes the report "
               "and removes the work tree. Answers the branch to merge. Asking again repeats "
               "the answer.",
           .arguments = finalize_arguments(),
           .destructive = true,
           .idempotent = true},
      tool{.name = "get_autoresearch_status",
           .title = "Look at sessions",
           .description = "The progress of one session with the result of its last step, or all "
                          "sessions that are not finished.",
           .arguments = status_arguments(),
           .read_only = true,
           .idempotent = true},
      tool{
          .name = "start_autoresearch",
          .title = "Start a code research session",
          .description = "autoresearch_setup by another name, with hive_parallel and num_variants.",
          .arguments = setup_arguments(true)},
      tool{.name = "get_hive_best_tool",
           .title = "Which edit backend does best",
           .description = "The edit backend that has done a kind of task best by the runs of this "
                          "node and of all its peers: tool {tool_name, success_rate, avg_time_s, "
                          "sample_count} and the number of nodes; tool is null while none has five "
                          "runs.",
           .arguments = hive_arguments(),
           .read_only = true,
           .idempotent = true}};
  return all;
}

}  // namespace

std::span<const tool> tools() { return all_tools(); }

const tool* find_tool(std::string_view name) {
  const auto all = tools();
  auto it = std::find_if(all.begin(), all.end(), [&](const tool& t) { return t.name == name; });
  return it == all.end() ? nullptr : &*it;
}

}  // namespace ratchet
