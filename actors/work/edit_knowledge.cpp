// SPDX-License-Identifier: MIT
#include "actors/work/edit_knowledge.hpp"

#include <algorithm>
#include <iterator>

#include "actors/logic/code_neighbours.hpp"
#include "actors/logic/path_globs.hpp"
#include "actors/logic/target_set.hpp"

namespace ratchet {

namespace {

constexpr std::size_t history_length = 10;
/// Who is told in words forgets nothing that was tried, within reason.
constexpr std::size_t told_length = 100;
/// Of all context files together; a prompt has other things to tell as well.
constexpr std::size_t most_context_bytes = 100'000;
constexpr std::size_t most_neighbour_bytes = 60'000;
constexpr std::size_t most_neighbours = 12;

read_code best_code(const propose_edit& m) {
  return {m.session_id, m.settings->repo_path, m.head, "", "", {}, {}};
}

/// The files that the patterns of context_files give, as the best code has them, but the targets.
expected<> read_context_files(const world& w, const propose_edit& m, edit_context& c) {
  const auto& s = *m.settings;
  if (s.context_files.empty()) return {};
  const path_globs globs(s.context_files);
  const target_set targets(s.target_files);
  auto wanted = [&](const std::string& path) {
    return globs.match(path) && !targets.contains(path);
  };
  auto read = w.code->files(best_code(m), wanted, most_context_bytes);
  if (!read) return read.error();
  c.context_files = std::move(read->texts);
  c.context_left_out = std::move(read->left_out);
  return {};
}

/// Files that the targets speak of, as long as they are few.
expected<> read_neighbours(const world& w, const propose_edit& m, edit_context& c) {
  code_neighbours spoken_of;
  for (const auto& [path, text] : c.targets) spoken_of.read(path, text);
  if (spoken_of.empty()) return {};
  const target_set targets(m.settings->target_files);
  auto wanted = [&](const std::string& path) {
    return spoken_of.match(path) && !targets.contains(path) && !c.context_files.contains(path);
  };
  auto read = w.code->files(best_code(m), wanted, most_neighbour_bytes);
  if (!read) return read.error();
  for (auto& [path, text] : read->texts)
    if (c.neighbours.size() < most_neighbours) c.neighbours[path] = std::move(text);
  return {};
}

/// Nearly always one of the last results, which have been read.
expected<std::optional<iteration_record>> best_run_of(const world& w, const propose_edit& m,
                                                      const edit_context& c) {
  for (const auto& row : c.history)
    if (row.iteration == m.best_iteration) return std::optional(row);
  return w.sessions->iteration(m.session_id, m.best_iteration);
}

expected<> read_history(const world& w, const propose_edit& m, bool prompted, edit_context& c) {
  auto rows = w.sessions->iterations(m.session_id, prompted ? told_length : history_length);
  if (!rows) return rows.error();
  const auto last = rows->end() - static_cast<long>(std::min(rows->size(), history_length));
  c.earlier.assign(std::make_move_iterator(rows->begin()), std::make_move_iterator(last));
  c.history.assign(std::make_move_iterator(last), std::make_move_iterator(rows->end()));
  return {};
}

expected<> read_for_prompt(const world& w, const propose_edit& m, edit_context& c) {
  if (auto ok = read_neighbours(w, m, c); !ok) return ok;
  const auto& experiment = m.settings->experiment_id;
  if (experiment.empty()) return {};
  auto learnt = w.sessions->experiment_lessons(experiment, m.session_id);
  if (!learnt) return learnt.error();
  c.experiment_lessons = std::move(*learnt);
  return {};
}

}  // namespace

expected<edit_context> knowledge_for(const world& w, const propose_edit& m,
                                     const file_contents& targets, bool prompted) {
  edit_context c;
  c.session_id = m.session_id;
  c.settings = m.settings;
  c.baseline_metric = m.baseline_metric;
  c.best_metric = m.best_metric;
  c.best_iteration = m.best_iteration;
  c.targets = targets;
  if (auto ok = read_history(w, m, prompted, c); !ok) return ok.error();
  auto best = best_run_of(w, m, c);
  if (!best) return best.error();
  c.best_run = std::move(*best);
  c.instructions = m.instructions;
  c.lessons = m.lessons;
  c.since_keep = m.since_keep;
  c.unapplied = m.unapplied;
  if (auto ok = read_context_files(w, m, c); !ok) return ok.error();
  if (prompted)
    if (auto ok = read_for_prompt(w, m, c); !ok) return ok.error();
  auto info = w.workspaces->info(m.session_id);
  if (!info) return info.error();
  c.directory = info->directory;
  return c;
}

void bring_up_to_date(edit_context& context, const propose_edit& m) {
  context.iteration = m.iteration;
  context.backend_state = m.backend_state;
  context.spent = m.spent;
  const auto& ideas = m.settings->ideas;
  const auto at = static_cast<std::size_t>(m.iteration - 1);
  context.idea = at < ideas.size() ? ideas[at] : "";
}

}  // namespace ratchet
