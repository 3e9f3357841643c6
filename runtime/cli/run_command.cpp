// SPDX-License-Identifier: MIT
//
// `ratchet run`: a search on a thread of its own, while this one draws and listens for Ctrl-C.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "messages/jobs.hpp"
#include "messages/type_ids.hpp"
#include "runtime/cli/captured_log.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/run_flags.hpp"
#include "runtime/cli/search.hpp"
#include "runtime/cli/search_view.hpp"
#include "runtime/cloud_event.hpp"
#include "runtime/config.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/tools.hpp"

namespace ratchet::cli {

namespace {

using std::chrono::steady_clock;
namespace fs = std::filesystem;

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

/// Log lines on their way to the terminal. A thing that is said at every iteration is said once.
class log_lines {
 public:
  void add(std::string line) {
    std::lock_guard lock(mutex_);
    if (told_.size() < 1000 && told_.insert(line).second) lines_.push_back(std::move(line));
  }
  std::deque<std::string> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::set<std::string> told_;
  std::deque<std::string> lines_;
};

/// What the two threads share, under one mutex.
struct shared_search {
  std::mutex mutex;
  search_state state;
  steady_clock::time_point step_began = steady_clock::now();
  std::deque<iteration_line> unseen;
  std::deque<event> events;
  std::string started_id;  ///< from the event, before setup has answered
  bool completed = false;  ///< autoresearch.completed was seen
  bool over = false;
  search_result result;
};

bool is_cancellable(search_phase phase) {
  return phase == search_phase::baseline || phase == search_phase::edit ||
         phase == search_phase::run || phase == search_phase::compare;
}

/// Draws, prints and ends a search.
class search_screen {
 public:
  search_screen(const command_context& context, runtime& lab, shared_search& shared,
                interruption& interrupted, log_lines& log)
      : context_(context), lab_(lab), shared_(shared), interrupted_(interrupted), log_(log) {
    if (!context.json_output && is_live_terminal(STDOUT_FILENO)) block_.emplace(STDOUT_FILENO);
  }

  void follow(std::atomic<bool>& stop) {
    for (bool over = false; !over;) {
      interrupted_.wait_ms(block_ ? 200 : 500);
      if (interrupted_.asked()) stop = true;
      over = draw(stop);
      if (stop && !over) cancel();
    }
  }

  int end() {
    block_.reset();  // the cursor is back before the summary
    std::lock_guard lock(shared_.mutex);
    const double elapsed = seconds_since(began_);
    if (context_.json_output) {
      print_json(summary_json(shared_.state, shared_.result, elapsed), false);
    } else {
      if (isatty(STDOUT_FILENO) == 1) print_line("");
      for (const auto& line : summary_lines(shared_.state, shared_.result, elapsed, context_.style))
        print_line(line);
    }
    bool failed = shared_.result.final_answer.value("status", "") == "failed";  // no baseline
    return shared_.result.finished && !failed ? exit_done : exit_failed;
  }

 private:
  // True once the search is over and everything about it has been shown.
  bool draw(bool stopping) {
    std::unique_lock lock(shared_.mutex);
    const search_state state = shared_.state;
    const search_times times{seconds_since(began_), seconds_since(shared_.step_began), stopping};
    auto lines = std::exchange(shared_.unseen, {});
    auto events = std::exchange(shared_.events, {});
    if (state.session_id.empty() && shared_.started_id.empty())
      shared_.started_id = opening_session(state.repo_path);
    const std::string id = state.session_id.empty() ? shared_.started_id : state.session_id;
    bool over = shared_.over;
    lock.unlock();

    if (context_.json_output) {
      print_events(events, id);
    } else {
      introduce(state, id);
      for (const auto& line : log_.take())
        say(painted(context_.style, paint::yellow, harmless(line)));
      if (!block_)
        for (const auto& line : lines) print_line(iteration_text(line, state, context_.style));
    }
    if (block_) {
      auto size = size_of_terminal(STDOUT_FILENO);
      auto block = progress_block(state, times, size.columns - 1, context_.style);
      auto room = static_cast<std::size_t>(std::max(1, size.rows - 1));
      if (block.size() > room) block.resize(room);
      block_->draw(std::move(block), size.columns);
    }
    return over;
  }

  void introduce(const search_state& state, const std::string& id) {
    if (!id.empty() && !id_told_) {
      id_told_ = true;
      say("session " + id + "  (go on later with: ratchet run --resume " + id + ")");
    }
    if (!block_ && state.baseline && !baseline_told_) {
      baseline_told_ = true;
      say("baseline " + harmless(state.metric_name) + "=" + number_text(state.baseline));
    }
    if (!block_ && !state.note.empty() && state.note != note_told_) {
      note_told_ = state.note;
      say("note: " + harmless(state.note));
    }
  }

  void say(const std::string& line) {
    if (block_)
      block_->print_above(line, size_of_terminal(STDOUT_FILENO).columns);
    else
      print_line(line);
  }

  void print_events(std::deque<event>& events, const std::string& id) {
    for (auto& e : events) held_back_.push_back(std::move(e));
    if (id.empty()) return;  // whose they are is not known yet
    for (const auto& e : held_back_)
      if (e.session_id == id) print_json(cloud_event(e), false);
    held_back_.clear();
  }

  // The id of the session whose baseline is being measured, before setup has answered it: the one
  // that this repository's search opened since we began. A wrong guess would do no harm, as only
  // this process's own steps can be cancelled here.
  std::string opening_session(const std::string& repo_path) {
    auto pending = lab_.store().sessions({"pending"}, 10);
    if (!pending) return "";
    for (const auto& record : *pending)
      if (record.created_ms >= began_ms_ && record.settings.value("repo_path", "") == repo_path)
        return record.session_id;
    return "";
  }

  // Said again at every turn: a step may begin just after it was said.
  void cancel() {
    std::lock_guard lock(shared_.mutex);
    const auto& id =
        shared_.state.session_id.empty() ? shared_.started_id : shared_.state.session_id;
    if (!id.empty() && is_cancellable(shared_.state.phase))
      caf::anon_send(lab_.registry(), cancel_step{id});
  }

  const command_context& context_;
  runtime& lab_;
  shared_search& shared_;
  interruption& interrupted_;
  log_lines& log_;
  std::optional<live_block> block_;
  steady_clock::time_point began_ = steady_clock::now();
  std::int64_t began_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  std::deque<event> held_back_;
  bool id_told_ = false;
  bool baseline_told_ = false;
  std::string note_told_;
};

expected<comparison> compare(runtime& lab, const std::string& id, int pairs) {
  // Two runs a pair, each within the session's own limit; a week is that limit's maximum.
  const std::chrono::seconds longest{7 * 24 * 3600};
  expected<comparison> answer = fail(errc::internal, "no answer");
  caf::scoped_actor self{lab.system()};
  self->request(lab.registry(), longest, compare_session{id, pairs})
      .receive([&](const comparison& c) { answer = c; },
               [&](const caf::error& e) { answer = as_failure(e, "the final comparison"); });
  return answer;
}

laboratory laboratory_of(runtime& lab) {
  return {
      [&lab](std::string_view tool, const json& arguments) { return lab.call(tool, arguments); },
      [&lab](const std::string& id, int pairs) { return compare(lab, id, pairs); }};
}

// Waits until the last event has come by: events are delivered by another thread.
void await_completed(shared_search& shared, interruption& interrupted) {
  auto deadline = steady_clock::now() + std::chrono::seconds(2);
  while (steady_clock::now() < deadline) {
    {
      std::lock_guard lock(shared.mutex);
      if (shared.completed) return;
    }
    interrupted.wait_ms(20);
  }
}

std::shared_ptr<void> listen(runtime& lab, shared_search& shared, interruption& interrupted,
                             bool keep) {
  subscription wanted;
  wanted.after_seq = -1;
  return lab.subscribe(wanted, [&shared, &interrupted, keep](const event& e) {
    {
      std::lock_guard lock(shared.mutex);
      if (shared.started_id.empty() && e.topic == "autoresearch.started")
        shared.started_id = e.session_id;
      if (e.topic == "autoresearch.completed" && e.session_id == shared.state.session_id)
        shared.completed = true;
      if (keep) shared.events.push_back(e);
    }
    interrupted.wake();
  });
}

/// Counts and lines of the iterations that were over before a resumed search began.
void take_history(runtime& lab, const std::string& id, shared_search& shared) {
  auto rows = lab.store().iterations(id, 0);
  if (!rows) return;
  std::lock_guard lock(shared.mutex);
  for (const auto& row : *rows) {
    bool crashed = row.result && row.result->error;
    if (row.decision == "rejected_by_gate") ++shared.state.rejected;
    if (row.decision == "reverted" && !crashed) ++shared.state.reverted;
    if (row.decision == "edit_failed" || (row.decision == "reverted" && crashed))
      ++shared.state.failed;
  }
}

int search_with(const command_context& context, runtime& lab, search_options options,
                log_lines& log) {
  shared_search shared;
  interruption interrupted(isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : -1);
  if (!options.resume_id.empty()) take_history(lab, options.resume_id, shared);
  const search_state before = shared.state;
  auto changed = [&](const search_state& state, const iteration_line* line) {
    {
      std::lock_guard lock(shared.mutex);
      if (state.phase != shared.state.phase || state.iteration != shared.state.iteration)
        shared.step_began = steady_clock::now();
      shared.state = state;
      shared.state.rejected += before.rejected;
      shared.state.reverted += before.reverted;
      shared.state.failed += before.failed;
      if (line) shared.unseen.push_back(*line);
    }
    interrupted.wake();
  };
  auto token = listen(lab, shared, interrupted, context.json_output);
  std::atomic<bool> stop = false;
  search_screen screen(context, lab, shared, interrupted, log);
  std::jthread worker([&] {
    search whole(laboratory_of(lab), std::move(options), changed);
    auto result = whole.run(stop);
    if (context.json_output && result.finished) await_completed(shared, interrupted);
    std::lock_guard lock(shared.mutex);
    shared.result = std::move(result);
    shared.over = true;
    interrupted.wake();
  });
  screen.follow(stop);
  worker.join();
  token.reset();
  return screen.end();
}

// A target named from a folder inside the repository is meant as seen from there.
void seen_from_here(json& settings, const fs::path& repository) {
  std::error_code error;
  auto here = fs::current_path(error).lexically_relative(repository);
  if (error || here.empty() || here == "." || here.native().starts_with("..")) return;
  auto translate = [&](json& path) {
    if (!path.is_string()) return;
    auto text = path.get<std::string>();
    if (!fs::exists(repository / text) && fs::exists(repository / here / text))
      path = (here / text).lexically_normal().string();
  };
  if (settings.contains("target_file")) translate(settings["target_file"]);
  if (settings.contains("target_files"))
    for (auto& path : settings["target_files"]) translate(path);
}

expected<> read_settings(const run_flags& flags, json& settings) {
  json given = json::object();
  if (auto ok = flag_settings(flags, given); !ok) return ok;
  auto repository = find_repository(flags.repo.empty() ? "." : flags.repo);
  seen_from_here(given, repository);
  auto loaded = load_setup_arguments(given, repository);
  if (!loaded) return loaded.error();
  settings = std::move(*loaded);
  settings["repo_path"] = repository.string();
  put_seed(flags, settings);
  if (!settings.contains("run_command"))
    return fail(errc::invalid_argument,
                "what is the experiment? Give it after --, as in `-- python3 train.py`, or with "
                "--command, or as run_command in ratchet.json",
                {{"field", "run_command"}});
  if (!settings.contains("target_file") && !settings.contains("target_files"))
    return fail(
        errc::invalid_argument,
        "which file may be edited? Give it with --target, or as target_file in ratchet.json",
        {{"field", "target_file"}});
  // Checked here too, so that a slip costs no start of the laboratory.
  auto call = decode_call(
      settings.contains("hive_parallel") ? "start_autoresearch" : "autoresearch_setup", settings);
  if (!call) return call.error();
  return {};
}

}  // namespace

int run_search(const command_context& context, const run_flags& flags) {
  search_options options;
  options.resume_id = flags.resume;
  options.patience = flags.patience;
  options.pairs = flags.no_compare ? 0 : flags.pairs;
  if (flags.resume.empty()) {
    auto ok = read_settings(flags, options.setup);
    if (!ok) return complain(context, ok.error(), exit_usage);
  } else {
    options.setup = json::object();
    auto call = decode_call("autoresearch_run", {{"session_id", flags.resume}});
    if (!call) return complain(context, call.error(), exit_usage);
    options.resume_id = std::get<run_candidate>(call->message).session_id;
  }
  // Whoever reads the progress may go away; the search goes on.
  signal(SIGPIPE, SIG_IGN);
  // At a terminal the block owns the screen, and log lines go through it.
  log_lines log;
  std::optional<captured_log> captured;
  if (!context.json_output && is_live_terminal(STDOUT_FILENO))
    captured.emplace([&log](std::string line) { log.add(std::move(line)); });
  int slots = flags.slots;
  if (slots == 0 && options.setup.value("hive_parallel", false))
    slots = options.setup.value("num_variants", 3);
  auto lab = runtime::open({.state_dir = context.state_dir, .slots = slots});
  if (!lab) return complain(context, lab.error());
  return search_with(context, **lab, std::move(options), log);
}

}  // namespace ratchet::cli
