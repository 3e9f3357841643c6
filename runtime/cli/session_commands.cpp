// SPDX-License-Identifier: MIT
//
// `ratchet status`, `show` and `report`: they only look.
#include <unistd.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/model_view.hpp"
#include "runtime/cli/search_view.hpp"
#include "runtime/cli/session_source.hpp"
#include "runtime/cli/session_view.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/embed/stored_sessions.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace ratchet::cli {

namespace {

constexpr std::size_t shown_sessions = 1000;

bool at_terminal() { return isatty(STDOUT_FILENO) == 1; }

// A pipe gets whole lines, a terminal what fits.
int width_of_output() { return at_terminal() ? size_of_terminal(STDOUT_FILENO).columns : 10'000; }

int print_all(const std::vector<std::string>& lines) {
  for (const auto& line : lines)
    if (!print_line(line)) return exit_failed;
  return exit_done;
}

int show_all(const command_context& context, sessions_port& stored) {
  auto all = all_stored(stored, shown_sessions);
  if (!all) return complain(context, all.error());
  if (!context.json_output) return print_all(session_table(*all, width_of_output(), context.style));
  print_json({{"sessions", *all}}, at_terminal());
  return exit_done;
}

}  // namespace

int show_status(const command_context& context, const std::string& session_id) {
  auto store = open_store(resolve_state_dir(context.state_dir));
  if (!store) return complain(context, store.error());
  if (session_id.empty()) return show_all(context, **store);
  auto session = stored_progress(**store, session_id);
  if (!session) return complain(context, session.error());
  if (!context.json_output) return print_all(session_details(*session, context.style));
  print_json(*session, at_terminal());
  return exit_done;
}

namespace {

int show_iteration(const command_context& context, session_source& sessions,
                   const progress& session, int number) {
  auto row = sessions.iteration(session.session_id, number);
  if (!row) return complain(context, row.error());
  if (!*row)
    return complain(context, fail(errc::invalid_argument,
                                  "session " + session.session_id + " has no iteration " +
                                      std::to_string(number) + "; it is at iteration " +
                                      std::to_string(session.iteration)));
  if (!context.json_output) return print_all(iteration_details(**row, context.style));
  print_json(**row, at_terminal());
  return exit_done;
}

/// The models and the ways of asking, if any wrote edits, and the iterations.
int print_results(const command_context& context, session_source& sessions,
                  const progress& session) {
  auto rows = sessions.iterations(session.session_id);
  if (!rows) return complain(context, rows.error());
  for (auto table : {model_table(*rows, session.usage, width_of_output(), context.style),
                     arm_table(*rows, context.style)}) {
    if (!table.empty()) table.emplace_back();
    print_all(table);
  }
  return print_all(iteration_table(*rows, width_of_output(), context.style));
}

}  // namespace

int show_session(const command_context& context, const std::string& session_id,
                 std::optional<int> number) {
  auto sessions = open_sessions_of(context);
  if (!sessions) return complain(context, sessions.error());
  auto session = (*sessions)->session(session_id);
  if (!session) return complain(context, session.error());
  if (number) return show_iteration(context, **sessions, *session, *number);
  if (context.json_output) {
    auto rows = (*sessions)->iterations(session_id);
    if (!rows) return complain(context, rows.error());
    print_json({{"session", *session}, {"iterations", *rows}}, at_terminal());
    return exit_done;
  }
  print_all(session_details(*session, context.style));
  print_line("");
  return print_results(context, **sessions, *session);
}

int show_report(const command_context& context, const std::string& session_id) {
  auto sessions = open_sessions_of(context);
  if (!sessions) return complain(context, sessions.error());
  auto session = (*sessions)->session(session_id);
  if (!session) return complain(context, session.error());
  auto text = (*sessions)->report(*session);
  if (!text) return complain(context, text.error());
  if (!*text)
    return complain(context,
                    fail(errc::wrong_step, "session " + session_id + " has no report yet: it is " +
                                               std::string(name_of(session->status)) +
                                               ". `ratchet run --resume " + session_id +
                                               "` goes on with it; autoresearch_finalize ends it"));
  json report = json::parse(**text, nullptr, false);
  if (report.is_discarded())
    return complain(context, fail(errc::store_failed, "the report " + session->report_path +
                                                          " cannot be read; was it moved?"));
  if (context.json_output) {
    print_json(report, at_terminal());
    return exit_done;
  }
  print_all(session_details(*session, context.style));
  if ((*sessions)->at_home()) {
    print_line(painted(context.style, paint::dim, "              ") +
               results_tsv_of(session->report_path).string());
    print_line("              " + progress_svg_of(session->report_path).string());
  }
  print_line("");
  return print_results(context, **sessions, *session);
}

}  // namespace ratchet::cli
