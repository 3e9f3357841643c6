// SPDX-License-Identifier: MIT
#include "runtime/tools/tools.hpp"

#include <algorithm>

#include "runtime/tools/answer_schema.hpp"
#include "runtime/tools/call_readers.hpp"
#include "runtime/tools/setting.hpp"
#include "runtime/tools/setting_readers.hpp"
#include "runtime/tools/tool_arguments.hpp"
#include "runtime/tools/tool_settings.hpp"

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
              "Milliseconds that this call may block, 0 to 86400000; then it answers state "
              "\"running\", the step goes on, and get_autoresearch_status has its result.",
          .minimum = 0,
          .maximum = 86'400'000};
}

/// Of a setting that few sessions need, the line that tells it among the others.
tool_argument of_setting(const setting& row) {
  tool_argument a = row.argument;
  if (!row.used_often) a.line_in_options = row.line.empty() ? a.description : row.line;
  return a;
}

arguments setup_arguments() {
  arguments all;
  for (const auto& row : setting_rows())
    if (row.who != said_by::rounds) all.push_back(of_setting(row));
  all.push_back(wait_ms());
  return all;
}

/// The same and those of rounds. Hosts are told what is different, and not everything twice.
arguments start_arguments() {
  arguments all = setup_arguments();
  for (auto& a : all)
    if (!a.required && a.name != "target_file" && a.name != "wait_ms") a.line_in_options = a.name;
  for (const auto& row : setting_rows())
    if (row.who == said_by::rounds) all.push_back(row.argument);
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
                    .description = "What this edit tries and why it should help: one sentence, at "
                                   "most 200 characters.",
                    .max_bytes = 16 << 10},
      tool_argument{.name = "edits",
                    .kind = kind::edits,
                    .description =
                        "The edit as a list of {file, search, replace}, 1 to 1000: search "
                        "is the exact text to replace; empty for a file that is empty or not "
                        "there yet (for a whole new text: content). One of edits, diff and "
                        "content; at most 4 MiB in all.",
                    .max_bytes = edit_bytes},
      tool_argument{.name = "diff",
                    .kind = kind::text,
                    .description =
                        "The edit as a unified diff, or as a patch between *** Begin Patch "
                        "and *** End Patch; at most 4 MiB.",
                    .max_bytes = edit_bytes},
      tool_argument{.name = "content",
                    .kind = kind::text_or_object,
                    .description = "The edit as the whole text of the one target, or an object "
                                   "of file to text; at most 4 MiB.",
                    .max_bytes = edit_bytes},
      tool_argument{.name = "instructions",
                    .kind = kind::text,
                    .description = "New instructions for the edit backend: text or \"@FILE\", at "
                                   "most 32 KiB.",
                    .max_bytes = most_instruction_bytes},
      wait_ms()};
}

arguments step_arguments() { return {session_id(), wait_ms()}; }

arguments run_arguments() {
  return {session_id(),
          tool_argument{.name = "more_pairs",
                        .kind = kind::integer,
                        .description = "After an unsure run: 1 to 1000 pairs more of the "
                                       "same candidate, judged with those before.",
                        .minimum = 1,
                        .maximum = 1000},
          tool_argument{.name = "wait_for",
                        .description = "Of candidates side by side: the first that is measured "
                                       "(the others go on), or all.",
                        .default_json = "\"first\"",
                        .allowed = {"first", "all"}},
          wait_ms()};
}

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

arguments show_arguments() {
  return {
      session_id(),
      tool_argument{.name = "what",
                    .kind = kind::text,
                    .description =
                        "summary: where the search stands, its targets and commands. text: a "
                        "file's text. diff: what was changed. output: what a run printed. "
                        "history: a line for each iteration. report: the finished session's "
                        "report as JSON.",
                    .default_json = "\"summary\"",
                    .max_bytes = 16,
                    .allowed = {"summary", "text", "diff", "output", "history", "report"}},
      tool_argument{
          .name = "iteration",
          .kind = kind::integer,
          .description =
              "Whose text, diff or output, up to 1000000; 0 is the unmodified code. Without it: of "
              "the best code so far, and the output printed last.",
          .minimum = 0,
          .maximum = 1'000'000},
      tool_argument{.name = "file",
                    .kind = kind::text,
                    .description = "With text: which (without, a list); with output: a file of "
                                   "collect_paths.",
                    .max_bytes = 4096},
      tool_argument{.name = "offset",
                    .kind = kind::integer,
                    .description =
                        "Where the page of at most 8,000 bytes begins: next_offset of the page "
                        "before. Bytes; of the history an iteration. Without it: the beginning, of "
                        "history and output the last page.",
                    .minimum = 0,
                    .maximum = 1e15}};
}

arguments steer_arguments() {
  return {session_id(),
          tool_argument{.name = "instructions",
                        .kind = kind::text,
                        .description = "For whoever writes edits, from the next proposal on, in "
                                       "place of those so far: text, or \"@FILE\"; at most 32 KiB.",
                        .max_bytes = most_instruction_bytes},
          tool_argument{.name = "pause",
                        .kind = kind::boolean,
                        .description = "true: the step at work ends, then no edit is made until "
                                       "false is given, or the search resumed."}};
}

arguments hive_arguments() {
  return {tool_argument{.name = "task_type",
                        .kind = kind::text,
                        .description = "The kind of task, 1 to 64 bytes; experiments are "
                                       "\"autoresearch\".",
                        .default_json = "\"autoresearch\"",
                        .max_bytes = 64}};
}

expected<setup_session> read_setup(const json& arguments) {
  auto settings = decode_settings(arguments);
  if (!settings) return settings.error();
  return setup_session{std::move(*settings)};
}

expected<finalize_session> read_finalize(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  const json* compare = given(arguments, "compare");
  return finalize_session{std::move(*id), !compare || compare->get<bool>()};
}

/// Of one session, or of all.
expected<tool_call::request> read_status(const json& arguments) {
  const json* named = given(arguments, "session_id");
  if (!named || *named == "") return tool_call::request(list_sessions{});
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  const json* wait = given(arguments, "wait_ms");
  return tool_call::request(
      get_status{std::move(*id), wait ? static_cast<std::int64_t>(wait->get<double>()) : 0});
}

expected<show_session> read_show(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  show_session show{std::move(*id)};
  if (const json* what = given(arguments, "what"))
    show.what = *parse_enum<shown_part>(what->get<std::string>());
  if (const json* at = given(arguments, "iteration"))
    show.iteration = static_cast<int>(at->get<double>());
  if (const json* offset = given(arguments, "offset"))
    show.offset = static_cast<long long>(offset->get<double>());
  const json* file = given(arguments, "file");
  if (!file || *file == "") return show;
  if (show.what != shown_part::text && show.what != shown_part::output)
    return refuse_argument("file", "file is given with what: \"" + std::string(name_of(show.what)) +
                                       "\"; only a text or a collected output is of one file");
  auto path = inside_path("file", file->get<std::string>());
  if (!path) return path.error();
  show.file = std::move(*path);
  return show;
}

expected<steer_session> read_steer(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  steer_session steer{std::move(*id), {}, {}};
  if (const json* text = given(arguments, "instructions")) {
    auto read = read_text_or_file("instructions", *text);
    if (!read) return read.error();
    steer.instructions = std::move(*read);
  }
  if (const json* pause = given(arguments, "pause")) steer.pause = pause->get<bool>();
  if (!steer.instructions && !steer.pause)
    return refuse_argument("instructions", "neither instructions nor pause is given; give one");
  return steer;
}

expected<run_candidate> read_run(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  const json* more = given(arguments, "more_pairs");
  const json* wait_for = given(arguments, "wait_for");
  return run_candidate{std::move(*id), more ? static_cast<int>(more->get<double>()) : 0,
                       wait_for && *wait_for == "all"};
}

expected<best_tool_query> read_best_tool(const json& arguments) {
  const json* task = given(arguments, "task_type");
  if (task && *task == "")
    return refuse_argument("task_type", "task_type is empty; leave it out for \"autoresearch\"");
  return best_tool_query{task ? task->get<std::string>() : "autoresearch", true};
}

/// A tool whose calls become this message, which is answered like that.
template <class Request, class Answer, auto Read = read_step<Request>>
tool tool_of(tool t) {
  t.answer = answer_members<Answer>;
  t.decode = [](const json& arguments) -> expected<tool_call::request> {
    auto message = Read(arguments);
    if (!message) return message.error();
    return tool_call::request(std::move(*message));
  };
  return t;
}

const std::vector<tool>& all_tools() {
  static const std::vector<tool> all{
      tool_of<setup_session, session_opened, read_setup>(
          {.name = tool_names::setup,
           .title = "Set up a code research session",
           .description =
               "Opens a session on a git repository: checks everything, cuts an isolated "
               "work tree and runs the unmodified code as the baseline. Answers "
               "session_id. Then loop autoresearch_edit, autoresearch_run, "
               "autoresearch_decide, and end with autoresearch_finalize.",
           .arguments = setup_arguments(),
           .step = session_step::setup}),
      tool_of<edit_candidate, edit_answer, read_edit>(
          {.name = tool_names::edit,
           .title = "Apply one edit",
           .description = "Applies one edit to the targets in the work tree, all or nothing: the "
                          "edit given as edits, diff or content, or without these one that the "
                          "session's edit backend proposes. permanent in the answer: asking again "
                          "is of no use. Next: autoresearch_run.",
           .arguments = edit_arguments(),
           .step = session_step::edit}),
      tool_of<run_candidate, run_answer, read_run>(
          {.name = tool_names::run,
           .title = "Run the experiment",
           .description =
               "Runs the command and extracts the metric. Says whether it improved on the best, "
               "and why not. Next: autoresearch_decide.",
           .arguments = run_arguments(),
           .step = session_step::run}),
      tool_of<decide_candidate, decide_answer>(
          {.name = tool_names::decide,
           .title = "Keep or revert the edit",
           .description = "Keeps an improvement that passes the gates as a commit on the branch "
                          "ratchet/<session_id>, and reverts anything else. Says whether to "
                          "continue. Asking again repeats the answer.",
           .arguments = step_arguments(),
           .idempotent = true,
           .step = session_step::decide}),
      tool_of<finalize_session, finalize_answer, read_finalize>(
          {.name = tool_names::finalize,
           .title = "End the session",
           .description =
               "Ends the session: reverts an undecided edit, measures what was kept "
               "against the baseline once more in pairs (comparison), writes the report "
               "and removes the work tree. Answers the branch to merge. Asking again repeats "
               "the answer.",
           .arguments = finalize_arguments(),
           .idempotent = true,
           .step = session_step::finalize}),
      tool_of<tool_call::request, either<progress, session_list>, read_status>(
          {.name = tool_names::status,
           .title = "Look at sessions",
           .description = "The progress of one session with the result of its last step, or all "
                          "sessions that are not finished.",
           .arguments = status_arguments(),
           .read_only = true,
           .idempotent = true}),
      tool_of<show_session, session_shown, read_show>(
          {.name = tool_names::show,
           .title = "Show texts, diffs, outputs and history",
           .description = "Shows a session's code and results, a page at a time: the best text of "
                          "a target, the diff of any iteration, kept or not, what it printed, the "
                          "history as lines.",
           .arguments = show_arguments(),
           .read_only = true,
           .idempotent = true}),
      tool_of<steer_session, steer_answer, read_steer>(
          {.name = tool_names::steer,
           .title = "Steer a search that runs",
           .description = "New instructions for whoever writes the edits, or a pause. Taken at the "
                          "session's next step, in whichever process; an event tells of it.",
           .arguments = steer_arguments(),
           .idempotent = true,
           .for_people = true}),
      tool_of<setup_session, session_opened, read_setup>(
          {.name = tool_names::start,
           .title = "Start a code research session",
           .description =
               "autoresearch_setup with hive_parallel and num_variants: candidates run side by "
               "side. It takes every argument of autoresearch_setup.",
           .arguments = start_arguments(),
           .step = session_step::setup}),
      tool_of<best_tool_query, best_tool_answer, read_best_tool>(
          {.name = "get_hive_best_tool",
           .title = "Which edit backend does best",
           .description = "The edit backend that has done a kind of task best by the runs of this "
                          "node and of all its peers: tool {tool_name, success_rate, avg_time_s, "
                          "sample_count} and the number of nodes; tool is null while none has five "
                          "runs.",
           .arguments = hive_arguments(),
           .read_only = true,
           .idempotent = true})};
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
