// SPDX-License-Identifier: MIT
//
// `ratchet worker`: this machine's slots, joined to a node; and `ratchet workers`, who has joined.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cmath>
#include <iostream>

#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "actors/remote_worker.hpp"
#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/embed/worker_world.hpp"
#include "runtime/net/remote_node.hpp"

namespace ratchet::cli {

namespace {

constexpr int first_pause_ms = 500;
constexpr int longest_pause_ms = 30'000;

expected<worker_options> options_of(const command_context& context, const worker_flags& flags) {
  worker_options o;
  o.state_dir = resolve_state_dir(context.state_dir);
  o.name = one_line(flags.name, 64);
  o.max_cache_bytes = static_cast<std::uint64_t>(flags.cache_gb * 1e9);
  for (const auto& text : flags.labels) {
    auto label = parse_label(text);
    if (!label) return label.error();
    o.labels.insert(*label);
  }
  for (const auto& text : flags.share) {
    const auto equals = text.find('=');
    std::error_code error;
    auto folder = equals == text.npos ? std::filesystem::path{}
                                      : std::filesystem::canonical(text.substr(equals + 1), error);
    if (equals == text.npos || equals == 0 || error)
      return fail(
          errc::invalid_argument,
          "--share must be PATH=HERE, where HERE is what a session's shared path PATH is on "
          "this machine, not \"" +
              one_line(text, 200) + "\"" + (error ? ": " + error.message() : ""),
          json{{"field", "share"}});
    o.shared[text.substr(0, equals)] = folder.string();
  }
  return o;
}

expected<experiment_runner_actor> runner_of(net::remote_node& node) {
  auto front = node.join();
  if (!front) return front.error();
  return ask_watched<experiment_runner_actor>(node.system(), *front, join_timeout, "the node",
                                              find_runner{});
}

/// How the time at a node ended.
struct served {
  bool drained = false;  ///< as it was asked to; else the node is gone
  bool joined = false;
  std::optional<failure> refused;  ///< joining again is of no use
};

served serve(net::remote_node& node, const experiment_runner_actor& runner, const worker_world& w,
             const worker_flags& flags, int slots, interruption& interrupted) {
  caf::scoped_actor self{node.system()};
  auto joined = std::make_shared<std::atomic<bool>>(false);
  auto worker =
      self->spawn<caf::monitored>(remote_worker, w.here, w.copies, runner, slots, [&node, joined] {
        *joined = true;
        print_line("joined the node at " + node.address() + "; Ctrl-C or SIGTERM drains");
      });
  std::optional<std::chrono::steady_clock::time_point> draining_since;
  for (;;) {
    std::optional<caf::error> ended;
    self->receive([&](const caf::down_msg& down) { ended = down.reason; },
                  caf::after(std::chrono::milliseconds(100)) >> [] {});
    if (ended) {
      if (*ended == caf::exit_reason::normal || interrupted.asked()) return {.drained = true};
      auto why = as_failure(*ended, "this worker");
      if (why.code == errc::invalid_argument) return {.refused = std::move(why)};
      return {.joined = *joined};
    }
    if (!interrupted.asked()) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!draining_since) {
      draining_since = now;
      self->send(worker, drain_worker{});
    } else if (flags.drain_within_s > 0 &&
               now - *draining_since > std::chrono::duration<double>(flags.drain_within_s)) {
      print_line("not drained within " + shortest(flags.drain_within_s) +
                 " s: what still runs is ended here and given to others");
      std::cout.flush();
      _exit(exit_done);  // as a second signal does: the launcher ends the runs
    }
  }
}

}  // namespace

int run_worker(const command_context& context, const worker_flags& flags) {
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  auto options = options_of(context, flags);
  if (!options) return complain(context, options.error(), exit_usage);
  signal(SIGPIPE, SIG_IGN);
  auto w = open_worker_world(*options);  // first, while this process is small
  if (!w) return complain(context, w.error());
  const int slots = flags.slots > 0 ? flags.slots : std::max(1, w->here.machine.cpus / 2);
  interruption interrupted(-1);
  net::remote_node node(*invited);
  print_line("worker " + w->here.machine.name + " offers " + std::to_string(slots) +
             (slots == 1 ? " slot" : " slots") + ": " + machine_class(w->here.machine));
  int pause_ms = first_pause_ms;
  while (!interrupted.asked()) {
    auto runner = runner_of(node);
    if (runner) {
      const auto end = serve(node, *runner, *w, flags, slots, interrupted);
      if (end.drained) break;
      if (end.refused) return complain(context, *end.refused);
      // A node that lets nobody stay is not asked twice a second.
      if (end.joined) pause_ms = first_pause_ms;
      print_line("the node is gone; joining again");
    } else {
      if (runner.error().code == errc::invalid_argument) return complain(context, runner.error());
      std::cerr << "ratchet: " << runner.error().text << "; trying again in " << pause_ms / 1000.0
                << " s\n";
    }
    if (!interrupted.asked()) interrupted.wait_ms(pause_ms);
    pause_ms = std::min(longest_pause_ms, pause_ms * 2);
  }
  print_line("drained");
  return exit_done;
}

int show_workers(const command_context& context) {
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  net::remote_node node(*invited);
  auto runner = runner_of(node);
  if (!runner) return complain(context, runner.error());
  auto list = ask_watched<worker_list>(node.system(), *runner, join_timeout,
                                       "the node's experiment_runner", list_workers{});
  if (!list) return complain(context, list.error());
  if (context.json_output) {
    print_json(*list, false);
    return exit_done;
  }
  for (const auto& w : list->workers) {
    std::string line = (w.worker_id == 0 ? "node    " : "worker  ") + w.machine.name + "  " +
                       std::to_string(w.busy) + "/" + std::to_string(w.slots) + " busy  " +
                       machine_class(w.machine);
    if (w.worker_id != 0)
      line += "  " + std::to_string(w.runs) + " runs, " + std::to_string(w.lost) + " lost" +
              (w.draining ? ", draining" : "");
    if (w.rests_s > 0)
      line += ", rests for " + std::to_string(static_cast<int>(std::ceil(w.rests_s))) + " s";
    if (!w.last_failure.empty())
      line += "\n        " +
              (w.failures > 0 ? "failures in a row: " + std::to_string(w.failures) + ", the last: "
                              : std::string("its last failure: ")) +
              w.last_failure;
    if (!print_line(line)) return exit_failed;
  }
  return exit_done;
}

}  // namespace ratchet::cli
