// SPDX-License-Identifier: MIT
#include "actors/logic/gate_command.hpp"
#include "actors/logic/text.hpp"
#include "actors/session/session_turn.hpp"
#include "actors/work/gate_worker.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using setup_turn = std::shared_ptr<turn<session_opened>>;

void measure_baseline(const setup_turn& t);

/// Commands that fail or cannot be started are the baseline's failure; a full disk is not.
failure as_baseline_failure(failure why) {
  if (why.code != errc::process_failed && why.code != errc::baseline_failed) return why;
  why.code = errc::baseline_failed;
  why.text = "Baseline failed: " + why.text;
  return why;
}

std::string without_slash(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

/// What the work tree lacks may be why its command failed as `said`: in lines, if that has some.
std::string likely_causes(const session_state& s, const std::string& said) {
  const std::string apart = said.find('\n') == said.npos ? "; " : "\n";
  std::string text;
  for (const auto& sentence : s.missing) text += apart + sentence;
  if (s.absent.empty()) return text;
  return text + apart + "not in the work tree but in yours: " + listed(s.absent, 4) +
         " (share what the run needs with \"shared_paths\", --share " +
         without_slash(s.absent.front()) + ", or make it in setup_command)";
}

/// Once the session is stored, a failure is its outcome: status failed, and the caller is told.
void give_up(const setup_turn& t, failure why) {
  why = as_baseline_failure(std::move(why));
  if (why.code == errc::baseline_failed) why.text += likely_causes(t->state(), why.text);
  failure told = fail_setup(t->document(), why, t->effects, t->now());
  t->ask_or(
      t->state().roles.keeper, remove_workspace{t->state().session_id}, git_timeout,
      [t, told](const done&) { t->write([t, told] { t->promise().deliver(as_error(told)); }); },
      [t, told](const failure&) { t->write([t, told] { t->promise().deliver(as_error(told)); }); });
}

/// The user's words: those that came with the settings, else the repository's program.md.
void take_instructions(const setup_turn& t, const std::function<void()>& then) {
  auto& d = t->document();
  d.state.instructions = d.settings->instructions;
  if (!d.state.instructions.empty()) return then();
  read_code program{d.session_id, d.settings->repo_path, d.state.base_commit, "", "program.md"};
  t->ask_or(
      t->state().roles.keeper, std::move(program), git_timeout,
      [t, then](const code_read& read) {
        t->document().state.instructions = utf8_prefix(read.text, most_instruction_bytes);
        then();
      },
      [then](const failure&) { then(); });
}

void open_work_tree(const setup_turn& t) {
  auto& d = t->document();
  auto otherwise = [t](const failure& why) { give_up(t, why); };
  t->ask_or(
      t->state().roles.keeper, open_workspace{d.session_id, d.settings}, git_timeout,
      [t, otherwise](const workspace_opened& opened) {
        auto& doc = t->document();
        workspace_ready(doc, opened);
        t->state().uncommitted = opened.uncommitted;
        t->state().missing = opened.missing;
        t->state().absent = opened.absent;
        t->state().targets = opened.targets;
        doc.state.warnings = opened.missing;
        take_instructions(t, [t, otherwise, directory = opened.directory] {
          const auto& with = t->document();
          if (with.settings->setup_command.empty()) return measure_baseline(t);
          t->ask_or(
              t->state().roles.runner, run_setup{with.session_id, with.settings, directory},
              longest_step, [t](const done&) { measure_baseline(t); }, otherwise);
        });
      },
      otherwise);
}

void tell_targets(const std::vector<std::string>& targets, session_opened& told) {
  if (targets.empty()) return;
  told.target_count = static_cast<int>(targets.size());
  told.targets.assign(targets.begin(),
                      targets.begin() + std::min<std::ptrdiff_t>(100, *told.target_count));
}

void take_baseline(const setup_turn& t, run_result result) {
  auto& d = t->document();
  if (result.error) *result.error += likely_causes(t->state(), *result.error);
  auto opened = finish_setup(d, result, t->effects, t->now());
  if (!opened) {
    auto told = opened.error();
    t->ask_or(
        t->state().roles.keeper, remove_workspace{d.session_id}, git_timeout,
        [t, told](const done&) { t->write([t, told] { t->promise().deliver(as_error(told)); }); },
        [t, told](const failure&) {
          t->write([t, told] { t->promise().deliver(as_error(told)); });
        });
    return;
  }
  opened->uncommitted = t->state().uncommitted;
  tell_targets(t->state().targets, *opened);
  if (!d.settings->guard_metrics.empty()) t->kept_snapshot = snapshot_of(d, t->now());
  t->finish(*opened);
}

/// A gate that the unmodified code does not pass would refuse every candidate, and one that cannot
/// be run would only be noticed with the first. They are asked after the run, in the work tree that
/// it left, as they will be of candidates; then the work tree is as before.
void ask_gates(const setup_turn& t, const run_result& result) {
  auto& d = t->document();
  const bool measured = result.metric_value || d.settings->allow_missing_baseline;
  if (d.settings->gates.empty() || result.error || !measured) return take_baseline(t, result);
  auto otherwise = [t](const failure& why) { give_up(t, why); };
  judge_candidate ask{d.session_id, d.settings, d.current.candidate, result, d.state.directory};
  const auto patience = gates_patience(d.settings);
  t->ask_or(
      t->state().roles.gates, std::move(ask), patience,
      [t, result, otherwise](const judgement& j) {
        auto judged = result;
        if (auto refusal = baseline_refusal(j); !refusal.empty()) judged.error = refusal;
        const auto& doc = t->document();
        t->ask_or(
            t->state().roles.keeper, restore_workspace{doc.session_id, doc.state.head}, git_timeout,
            [t, judged](const done&) { take_baseline(t, judged); }, otherwise);
      },
      otherwise);
}

void measure_baseline(const setup_turn& t) {
  auto& d = t->document();
  run_experiment measure;
  measure.session_id = d.session_id;
  measure.settings = d.settings;
  measure.directory = d.state.directory;
  measure.tree = d.state.head;
  measure.incumbent = measure.base_commit = d.state.base_commit;
  t->ask_or(
      t->state().roles.runner, std::move(measure), longest_step,
      [t](const run_result& result) {
        record_run(t, t->document().current.candidate, result,
                   [t, result] { ask_gates(t, result); });
      },
      [t](const failure& why) { give_up(t, why); });
}

}  // namespace

caf::result<session_opened> take_setup(session_self self, const setup_session& m) {
  auto t = turn<session_opened>::begin(self);
  // Nothing is stored, no lease taken, before the repository has been looked at.
  t->wait([t, m] {
    t->ask_or(
        t->state().roles.keeper, inspect_repository{m.settings}, git_timeout,
        [t, m](const done&) {
          t->open_fresh([t, m] {
            t->document().settings = m.settings;
            begin_setup(t->document(), t->now());
            t->mark([t] { open_work_tree(t); });
          });
        },
        [t](const failure& why) { t->turn_away(why); });
  });
  return t->promise();
}

}  // namespace ratchet
