// SPDX-License-Identifier: MIT
#include "actors/session_show.hpp"

#include <algorithm>
#include <utility>

#include "actors/logic/shown_pages.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using promise_of_page = caf::typed_response_promise<session_shown>;

/// One look: what is asked, of which session, and who waits for the answer.
struct look {
  session_registry_self self;
  show_session asked;
  promise_of_page promise;
  session_document session{};

  void refuse(const failure& why) { promise.deliver(as_error(why)); }
  void answer(expected<session_shown> page) {
    if (page)
      promise.deliver(std::move(*page));
    else
      refuse(page.error());
  }
};

failure no_such_iteration(const look& l) {
  return fail(errc::invalid_argument,
              "session " + l.asked.session_id + " has no iteration " +
                  std::to_string(*l.asked.iteration) + " yet; it is at iteration " +
                  std::to_string(l.session.state.iteration),
              {{"field", "iteration"}});
}

/// The page of what the keeper reads.
void read_code_page(look l, read_code wanted) {
  const auto& keeper = l.self->state.roles.keeper;
  l.self->request(keeper, git_timeout, std::move(wanted))
      .then(
          [l](const code_read& read) mutable {
            l.asked.file = read.file;
            if (!read.there)
              return l.refuse(fail(errc::invalid_argument,
                                   "there is no file " + read.file +
                                       " in that code; the targets are " +
                                       listed(l.session.settings->target_files, 50) +
                                       " (text without a file lists them)",
                                   {{"field", "file"}}));
            if (read.binary)
              return l.refuse(fail(errc::invalid_argument,
                                   read.file + " is binary (" + std::to_string(read.bytes) +
                                       " bytes) and cannot be shown",
                                   {{"field", "file"}}));
            l.answer(page_of(l.asked, read.text));
          },
          [l](const caf::error& error) mutable { l.refuse(as_failure(error, "the code")); });
}

void show_text(look l, const std::string& code) {
  const auto& s = *l.session.settings;
  read_code_page(l, {l.asked.session_id, s.repo_path, code, "", l.asked.file, s.target_files,
                     s.protected_paths});
}

/// A file that collect_paths named.
void show_collected(look l, const run_result& result) {
  auto found = result.collected.find(l.asked.file);
  if (found != result.collected.end()) return l.answer(page_of(l.asked, found->second));
  std::vector<std::string> there;
  for (const auto& [path, text] : result.collected) there.push_back(path);
  l.refuse(fail(errc::invalid_argument,
                "the run of iteration " + std::to_string(*l.asked.iteration) + " left no " +
                    l.asked.file +
                    (there.empty() ? ": name what is to be kept in collect_paths"
                                   : "; it left " + listed(there, 20)),
                {{"field", "file"}}));
}

/// Of one iteration.
void show_row(look l, const iteration_record& row) {
  switch (l.asked.what) {
    case shown_part::diff:
      return l.answer(page_of(l.asked, row.candidate.diff));
    case shown_part::output:
      if (!row.result)
        return l.refuse(fail(errc::invalid_argument,
                             "iteration " + std::to_string(row.iteration) + " was not run",
                             {{"field", "iteration"}}));
      l.asked.iteration = row.iteration;
      if (!l.asked.file.empty()) return show_collected(l, *row.result);
      return l.answer(page_of(l.asked, output_text(*row.result), true));
    default:
      if (row.iteration == 0) return show_text(l, l.session.state.base_commit);
      if (row.candidate.tree.empty())
        return l.refuse(
            fail(errc::invalid_argument,
                 "iteration " + std::to_string(row.iteration) + " has no code: " + row.reason,
                 {{"field", "iteration"}}));
      return show_text(l, row.commit.empty() ? row.candidate.tree : row.commit);
  }
}

void show_history(look l, const std::vector<iteration_record>& rows) {
  // The page that was asked for, or all that fit at the end.
  auto shown = rows;
  while (!l.asked.offset && history_page(l.asked, shown, "", 0).next_offset)
    shown.erase(shown.begin());
  l.answer(
      history_page(l.asked, shown, l.session.settings->metric_name, l.session.state.iteration + 1));
}

/// Of the best code so far, or of the last run.
void show_latest(look l, const std::vector<iteration_record>& rows) {
  const auto& state = l.session.state;
  if (l.asked.what == shown_part::output) {
    auto ran = std::find_if(rows.rbegin(), rows.rend(),
                            [](const auto& row) { return row.result.has_value(); });
    if (ran != rows.rend()) return show_row(l, *ran);
    return l.refuse(fail(errc::wrong_step, "nothing has been run yet that could be shown"));
  }
  if (state.head.empty())
    return l.refuse(fail(errc::wrong_step,
                         "session " + l.asked.session_id + " has no code yet: it is being set up"));
  if (l.asked.what == shown_part::text) return show_text(l, state.head);
  if (state.head == state.base_commit) {
    auto page = page_of(l.asked, "");
    if (page) page->instruction = "Nothing has been kept yet: the best code is the unmodified one.";
    return l.answer(std::move(page));
  }
  read_code_page(
      l, {l.asked.session_id, l.session.settings->repo_path, state.head, state.base_commit, ""});
}

void show_report(look l) {
  l.self->request(l.self->state.roles.journal, store_timeout, read_report{l.asked.session_id})
      .then(
          [l](const report_read& report) mutable {
            if (report.text.empty())
              return l.refuse(fail(errc::wrong_step, "session " + l.asked.session_id +
                                                         " has no report yet: it is written by "
                                                         "autoresearch_finalize"));
            l.answer(page_of(l.asked, report.text));
          },
          [l](const caf::error& error) mutable { l.refuse(as_failure(error, "the report")); });
}

void show_read(look l, const iterations_read& read) {
  auto session = session_document::read(read.session, {});
  if (!session) return l.refuse(session.error());
  l.session = std::move(*session);
  const auto now = l.self->state.roles.clock->now_ms();
  switch (l.asked.what) {
    case shown_part::summary:
      return l.answer(
          page_of(l.asked, summary_text(progress_of(l.session, now), l.session.settings)));
    case shown_part::report:
      return show_report(l);
    case shown_part::history:
      return show_history(l, read.rows);
    default:
      break;
  }
  if (!l.asked.iteration) return show_latest(l, read.rows);
  if (read.rows.empty() || read.rows.front().iteration != *l.asked.iteration)
    return l.refuse(no_such_iteration(l));
  show_row(l, read.rows.front());
}

/// Which rows the answer needs.
read_iterations rows_for(const show_session& m) {
  if (m.what == shown_part::history)
    return {m.session_id,
            m.offset ? static_cast<int>(std::min<long long>(*m.offset, 1 << 30)) : -page_iterations,
            page_iterations};
  if (m.iteration) return {m.session_id, *m.iteration, 1};
  return {m.session_id, -10, 10};
}

}  // namespace

caf::result<session_shown> show(session_registry_self self, const show_session& m) {
  auto promise = self->make_response_promise<session_shown>();
  look l{self, m, promise};
  self->request(self->state.roles.journal, store_timeout, rows_for(m))
      .then([l](const iterations_read& read) { show_read(l, read); },
            [l](const caf::error& error) mutable {
              l.refuse(as_failure(error, "session " + l.asked.session_id));
            });
  return promise;
}

}  // namespace ratchet
