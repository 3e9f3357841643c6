// SPDX-License-Identifier: MIT
//
// `ratchet run`: a search on a thread of its own, while this one draws and listens for Ctrl-C.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "messages/event_payloads.hpp"
#include "runtime/cli/captured_log.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/remote_tools.hpp"
#include "runtime/cli/run_settings.hpp"
#include "runtime/cli/search.hpp"
#include "runtime/cli/search_view.hpp"
#include "runtime/cli/searched_settings.hpp"
#include "runtime/embed/tool_host.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/tools/cloud_event.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

using std::chrono::steady_clock;

/// How long the last event may be on its way: longer than a follower pauses between two attempts
/// to reach its node again.
constexpr std::chrono::seconds last_event_patience{15};

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
  std::string begun_id;    ///< the session, also before setup has answered
  std::stop_source stop;   ///< of the step at work, and of each that begins after an interruption
  bool completed = false;  ///< autoresearch.completed was seen
  bool over = false;
  search_result result;
};

/// What an interruption ends: a decision is made in a moment, and the end is what it leads to.
std::stop_token stop_of_step(shared_search& shared) {
  std::lock_guard lock(shared.mutex);
  const auto phase = shared.state.phase;
  const bool ends = phase == search_phase::decide || phase == search_phase::finalize;
  return ends ? std::stop_token() : shared.stop.get_token();
}

/// Draws, prints and ends a search.
class search_screen {
 public:
  search_screen(const command_context& context, shared_search& shared, interruption& interrupted,
                log_lines& log, bool finish)
      : context_(context), shared_(shared), interrupted_(interrupted), log_(log), finish_(finish) {
    if (!context.json_output && is_live_terminal(STDOUT_FILENO)) block_.emplace(STDOUT_FILENO);
  }

  void follow(std::atomic<bool>& stop) {
    for (bool over = false; !over;) {
      interrupted_.wait_ms(block_ ? 200 : 500);
      if (interrupted_.asked()) {
        stop = true;
        shared_.stop.request_stop();
      }
      over = draw(stop);
    }
  }

  int end() {
    block_.reset();  // the cursor is back before the summary
    std::lock_guard lock(shared_.mutex);
    const auto& result = shared_.result;
    const double elapsed = seconds_since(began_);
    if (context_.json_output) {
      print_json(summary_json(shared_.state, result, elapsed), false);
    } else {
      if (isatty(STDOUT_FILENO) == 1) print_line("");
      for (const auto& line : summary_lines(shared_.state, result, elapsed, context_.style))
        result.finished || result.left ? print_line(line) : print_error_line(line);
    }
    if (interrupted_.asked() && !result.failed) return exit_interrupted;
    if (result.left) return exit_done;
    if (!result.finished || result.failed) return exit_failed;
    if (result.final_answer.value("status", "") == "failed") return exit_failed;  // no baseline
    return exit_done;
  }

 private:
  // True once the search is over and everything about it has been shown.
  bool draw(bool stopping) {
    std::unique_lock lock(shared_.mutex);
    const search_state state = shared_.state;
    const search_times times{seconds_since(began_), seconds_since(shared_.step_began), stopping};
    auto lines = std::exchange(shared_.unseen, {});
    auto events = std::exchange(shared_.events, {});
    bool over = shared_.over;
    lock.unlock();

    if (context_.json_output) {
      for (const auto& e : events) print_json(cloud_event(e), false);
    } else {
      introduce(state);
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

  void introduce(const search_state& state) {
    // Before its baseline is there a session may still be dropped, and another one made.
    if (state.opened && !id_told_) {
      id_told_ = true;
      say("session " + state.session_id +
          (finish_ ? "  (Ctrl-C ends it with a report; should it be killed, go on with: "
                   : "  (after Ctrl-C, a kill or a power cut go on with: ") +
          resume_command(state) + ")");
    }
    for (; remarks_told_ < state.remarks.size(); ++remarks_told_)
      say("note: " + harmless(state.remarks[remarks_told_]));
    for (; warnings_told_ < state.warnings.size(); ++warnings_told_)
      say(painted(context_.style, paint::yellow,
                  "warning: " + harmless(state.warnings[warnings_told_])));
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

  const command_context& context_;
  shared_search& shared_;
  interruption& interrupted_;
  log_lines& log_;
  bool finish_;
  std::optional<live_block> block_;
  steady_clock::time_point began_ = steady_clock::now();
  bool id_told_ = false;
  std::size_t remarks_told_ = 0, warnings_told_ = 0;
  bool baseline_told_ = false;
  std::string note_told_;
};

laboratory laboratory_of(tool_host& host, shared_search& shared) {
  auto begun = [&shared](const std::string& session_id) {
    std::lock_guard lock(shared.mutex);
    if (!session_id.empty()) shared.begun_id = session_id;
  };
  return {[&host, &shared, begun](std::string_view tool, const json& arguments) {
            return call_and_wait(host, tool, arguments, begun, stop_of_step(shared));
          },
          [&](const std::string& id, int pairs) {
            return host.compare(id, pairs, stop_of_step(shared));
          },
          [&](const std::string& id, double time_s) {
            return host.prune(id, time_s, stop_of_step(shared));
          },
          [&host](const std::atomic<bool>& stop) { return host.rejoin(stop); }};
}

// Waits until the last event has come by: events are delivered by another thread.
void await_completed(shared_search& shared, interruption& interrupted) {
  auto deadline = steady_clock::now() + last_event_patience;
  while (steady_clock::now() < deadline) {
    {
      std::lock_guard lock(shared.mutex);
      if (shared.completed) return;
    }
    interrupted.wait_ms(20);
  }
}

/// Collects the events of this search. Those of its session come after its id is known.
expected<std::shared_ptr<void>> listen(tool_host& host, shared_search& shared,
                                       interruption& interrupted) {
  auto begun = std::make_shared<std::promise<expected<>>>();
  auto token = host.follow(
      [&shared, &interrupted](const event& e) {
        {
          std::lock_guard lock(shared.mutex);
          if (e.session_id != shared.begun_id) return;
          shared.completed |= e.topic == session_completed::topic;
          shared.events.push_back(e);
        }
        interrupted.wake();
      },
      [begun](const expected<>& how) { begun->set_value(how); });
  if (auto how = begun->get_future().get(); !how) return how.error();
  return token;
}

/// Counts of the iterations that were over before a resumed search began.
void take_history(const command_context& context, const std::string& id, search_state& state) {
  auto store = open_store(resolve_state_dir(context.state_dir));
  if (!store) return;
  auto rows = (*store)->iterations(id, 0);
  if (!rows) return;
  for (const auto& row : *rows) {
    bool crashed = row.result && row.result->error;
    if (row.decision == "rejected_by_gate") ++state.rejected;
    if (row.decision == "reverted" && !crashed) ++state.reverted;
    const bool unmeasured = row.decision == "build_failed" || row.decision == "check_failed";
    if (row.decision == "edit_failed" || unmeasured || (row.decision == "reverted" && crashed))
      ++state.failed;
  }
}

int search_with(const command_context& context, tool_host& host, search_options options,
                log_lines& log) {
  shared_search shared;
  shared.begun_id = options.resume_id;
  interruption interrupted(isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : -1);
  if (!options.resume_id.empty() && context.join.empty())
    take_history(context, options.resume_id, shared.state);
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
  std::shared_ptr<void> listening;
  if (context.json_output) {
    auto begun = listen(host, shared, interrupted);
    if (!begun) return complain(context, begun.error());
    listening = *begun;
  }
  std::atomic<bool> stop = false;
  search_screen screen(context, shared, interrupted, log, options.finish);
  std::jthread worker([&] {
    search whole(laboratory_of(host, shared), std::move(options), changed);
    auto result = whole.run(stop);
    if (context.json_output && result.finished) await_completed(shared, interrupted);
    std::lock_guard lock(shared.mutex);
    shared.result = std::move(result);
    shared.over = true;
    interrupted.wake();
  });
  screen.follow(stop);
  worker.join();
  listening.reset();
  return screen.end();
}

constexpr std::chrono::seconds first_contact_patience{15};

expected<std::unique_ptr<tool_host>> open_host(const command_context& context,
                                               const run_flags& flags, const json& setup) {
  if (!context.join.empty()) return open_remote_tools(context.join, first_contact_patience);
  int slots = flags.slots;
  if (slots == 0 && setup.value("hive_parallel", false))
    slots = setup.value("num_variants", session_settings{}.num_variants);
  return open_local_tools({.state_dir = context.state_dir, .slots = slots});
}

}  // namespace

int run_search(const command_context& context, const run_flags& flags) {
  search_options options;
  options.resume_id = flags.resume;
  options.invitation = context.join;
  options.patience = flags.patience;
  options.finish = flags.finish;
  options.compare = !flags.no_compare;
  options.pairs = flags.pairs;
  options.prune = flags.prune;
  if (flags.resume.empty()) {
    auto ok = context.join.empty() ? read_settings(flags, options.setup)
                                   : read_settings_for_node(flags, options.setup);
    if (!ok) return complain(context, ok.error(), exit_usage);
  } else {
    options.setup = json::object();
    auto call = decode_call(tool_names::run, {{"session_id", flags.resume}});
    if (!call) return complain(context, call.error(), exit_usage);
    options.resume_id = std::get<run_candidate>(call->message).session_id;
  }
  if (flags.dry_run) return show_searched(context, options.setup);
  std::string searched;
  if (flags.resume.empty() && context.join.empty()) {
    auto found = searched_in_short(options.setup);
    if (!found) return complain(context, found.error());
    searched = *found;
  }
  // Whoever reads the progress may go away; the search goes on.
  signal(SIGPIPE, SIG_IGN);
  // At a terminal the block owns the screen, and log lines go through it.
  log_lines log;
  std::optional<captured_log> captured;
  if (!context.json_output && is_live_terminal(STDOUT_FILENO))
    captured.emplace([&log](std::string line) { log.add(std::move(line)); });
  if (!context.json_output && !searched.empty()) print_line(searched);
  auto host = open_host(context, flags, options.setup);
  if (!host) return complain(context, host.error());
  return search_with(context, **host, std::move(options), log);
}

}  // namespace ratchet::cli
