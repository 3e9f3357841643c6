// SPDX-License-Identifier: MIT
//
// `ratchet worker`: this machine's slots, joined to a node.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cmath>
#include <future>
#include <iostream>
#include <sstream>

#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "actors/remote_worker.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/node_view.hpp"
#include "runtime/cli/run_flags.hpp"
#include "runtime/cli/style.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/embed/worker_world.hpp"
#include "runtime/net/remote_node.hpp"
#include "runtime/os/allocation.hpp"
#include "runtime/os/devices.hpp"
#include "runtime/os/machine.hpp"
#include "runtime/os/wall_clock.hpp"

namespace ratchet::cli {

namespace {

using std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

constexpr int first_pause_ms = 500;
constexpr int longest_pause_ms = 30'000;
/// So long before its end a worker drains, and leaves what is not done to others.
constexpr seconds drained_before_end{30}, gone_before_end{5};

failure bad_flag(const std::string& flag, const std::string& rule, const std::string& given) {
  return fail(errc::invalid_argument,
              "--" + flag + " must be " + rule + ", not \"" + one_line(given, 100) + "\"",
              json{{"field", flag}});
}

expected<worker_options> options_of(const command_context& context, const worker_flags& flags) {
  worker_options o;
  o.state_dir = resolve_state_dir(context.state_dir);
  o.name = one_line(flags.name, 64);
  std::istringstream words(flags.wrap);
  for (std::string word; words >> word;) o.wrap.push_back(word);
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

/// Seconds since 1970 as Slurm tells an end, or a time from now on.
expected<std::optional<double>> until_of(const worker_flags& flags, const allocation& given) {
  if (flags.until.empty()) return given.ends_in_s;
  const auto seconds_given = parse_duration(flags.until);
  if (!seconds_given || *seconds_given <= 0)
    return bad_flag("until", "a time from now on such as 8h, or seconds since 1970", flags.until);
  constexpr double surely_a_date = 1e9;
  if (*seconds_given < surely_a_date) return seconds_given;
  const double left = *seconds_given - static_cast<double>(wall_clock_ms()) / 1000;
  if (left <= 0) return bad_flag("until", "a time to come", flags.until);
  return std::optional<double>(left);
}

/// What one start of the command offers, and how long.
struct shift {
  int slots = 1;
  std::vector<std::string> devices, processors;
  double drain_within_s = 0;                      ///< 0: as long as it takes
  std::optional<steady_clock::time_point> until;  ///< this process will be ended then
  std::optional<seconds> idle_exit;
  std::string ends_because;  ///< once it drains of its own accord

  std::atomic<std::size_t> at_work{0};
  steady_clock::time_point last_work = steady_clock::now();

  std::optional<double> left_s() const {
    if (!until) return std::nullopt;
    return std::max(0.0, seconds(*until - steady_clock::now()).count());
  }
  /// Whether it should drain, nobody having asked.
  bool is_over() {
    if (!ends_because.empty()) return true;
    const auto now = steady_clock::now();
    if (at_work > 0) last_work = now;
    if (until && now >= *until - drained_before_end)
      ends_because = "its time here ends in " + duration_text(*left_s());
    else if (idle_exit && now - last_work >= *idle_exit)
      ends_because = "it had nothing to do for " + duration_text(idle_exit->count());
    return !ends_because.empty();
  }
  /// Why what still runs is waited for no longer; empty: it is.
  std::string gives_up(steady_clock::time_point draining_since) const {
    const auto now = steady_clock::now();
    if (drain_within_s > 0 && now - draining_since > seconds(drain_within_s))
      return "not drained within " + shortest(drain_within_s) + " s";
    if (until && now >= *until - gone_before_end) return "not drained before its time here ends";
    return "";
  }
};

/// A folder that goes with the process.
class own_folder {
 public:
  ~own_folder() { remove(); }
  expected<std::filesystem::path> make() {
    std::error_code error;
    auto name = (std::filesystem::temp_directory_path(error) / "ratchet-worker-XXXXXX").string();
    if (error || !::mkdtemp(name.data()))
      return fail(errc::store_failed,
                  "no folder could be made for --ephemeral: " + name + "; see to $TMPDIR");
    return path_ = name;
  }
  void remove() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    path_.clear();
  }

 private:
  std::filesystem::path path_;
};

/// How the time at a node ended.
struct served {
  bool drained = false;  ///< as it was asked to; else the node is gone
  bool joined = false;
  std::optional<failure> refused;  ///< joining again is of no use
};

/// One process's work for a node, through all that becomes of the node.
class worker_shift {
 public:
  worker_shift(const net::invitation& invited, const worker_world& w, shift& s,
               std::function<void()> before_end)
      : node_(invited), world_(w), shift_(s), before_end_(std::move(before_end)) {}

  /// The command's exit status.
  int work(const command_context& context) {
    int pause_ms = first_pause_ms;
    while (!asked()) {
      auto runner = runner_unless_asked();
      if (runner) {
        const auto end = serve(*runner);
        if (end.drained) break;
        if (end.refused) return complain(context, *end.refused);
        // A node that lets nobody stay is not asked twice a second.
        if (end.joined) pause_ms = first_pause_ms;
        print_line("the node is gone; joining again");
      } else {
        const auto& why = runner.error();
        if (why.code == errc::invalid_argument) return complain(context, why);
        std::cerr << "ratchet: " << why.text << "; trying again in " << pause_ms / 1000.0 << " s\n";
      }
      if (!asked()) interrupted_.wait_ms(pause_ms);
      pause_ms = std::min(longest_pause_ms, pause_ms * 2);
    }
    print_line("drained" + (shift_.ends_because.empty() ? "" : ": " + shift_.ends_because));
    return exit_done;
  }

 private:
  bool asked() { return interrupted_.asked() || shift_.is_over(); }

  /// Ends the process when it is asked to end meanwhile: a node that does not answer keeps nobody.
  expected<experiment_runner_actor> runner_unless_asked() {
    auto found = std::async(std::launch::async, [this] { return runner_of(node_); });
    while (found.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
      if (asked()) end_now("drained, while the node was away");
    return found.get();
  }

  [[noreturn]] void end_now(const std::string& why) {
    print_line(why);
    std::cout.flush();
    before_end_();
    _exit(exit_done);  // as a second signal does: the launcher ends the runs
  }

  served serve(const experiment_runner_actor& runner) {
    caf::scoped_actor self{node_.system()};
    auto joined = std::make_shared<std::atomic<bool>>(false);
    worker_offer offer{shift_.slots, shift_.left_s(), [this, joined](const worker_joined& as) {
                         *joined = true;
                         print_line("joined the node at " + node_.address() +
                                    (as.name.empty() ? "" : " as " + one_line(as.name, 80)) +
                                    "; Ctrl-C or SIGTERM drains");
                       }};
    offer.at_work = [this](std::size_t runs) { shift_.at_work = runs; };
    offer.devices = shift_.devices;
    offer.processors = shift_.processors;
    auto worker = self->spawn<caf::monitored>(remote_worker, world_.here, world_.copies, runner,
                                              std::move(offer));
    std::optional<steady_clock::time_point> draining_since;
    for (;;) {
      std::optional<caf::error> ended;
      self->receive([&](const caf::down_msg& down) { ended = down.reason; },
                    caf::after(std::chrono::milliseconds(100)) >> [] {});
      if (ended) {
        shift_.at_work = 0;
        if (*ended == caf::exit_reason::normal || asked()) return {.drained = true};
        auto why = as_failure(*ended, "this worker");
        if (why.code == errc::invalid_argument) return {.refused = std::move(why)};
        return {.joined = *joined};
      }
      if (!asked()) continue;
      if (!draining_since) {
        draining_since = steady_clock::now();
        self->send(worker, drain_worker{});
      } else if (const auto why = shift_.gives_up(*draining_since); !why.empty()) {
        end_now(why + ": what still runs is ended here and given to others");
      }
    }
  }

  interruption interrupted_{-1};
  net::remote_node node_;
  const worker_world& world_;
  shift& shift_;
  std::function<void()> before_end_;
};

expected<> fill_shift(const worker_flags& flags, const allocation& given, machine_facts& machine,
                      shift& s) {
  if (!flags.devices.empty()) {
    auto found = devices_of(flags.devices);
    if (!found) return found.error();
    s.devices = found->names;
    machine.device = found->model;
  }
  const int processors = machine.cpus;
  s.slots = flags.slots > 0      ? flags.slots
            : !s.devices.empty() ? static_cast<int>(s.devices.size())
            : given.given        ? processors
                                 : std::max(1, processors / 2);
  if (!s.devices.empty() && static_cast<std::size_t>(s.slots) > s.devices.size())
    return fail(errc::invalid_argument,
                "--slots " + std::to_string(s.slots) + " are more than the " +
                    std::to_string(s.devices.size()) +
                    " devices, which each slot has for itself; offer fewer slots, or no devices",
                json{{"field", "slots"}});
  if (flags.pin) s.processors = own_processors();
  if (flags.pin && static_cast<std::size_t>(s.slots) > s.processors.size())
    return fail(errc::invalid_argument,
                "--pin gives each slot processors of its own, and there are " +
                    std::to_string(s.processors.size()) + " for " + std::to_string(s.slots) +
                    " slots; offer fewer slots, or leave --pin out",
                json{{"field", "pin"}});
  s.drain_within_s = flags.drain_within_s;
  auto until = until_of(flags, given);
  if (!until) return until.error();
  if (*until)
    s.until = steady_clock::now() +
              std::chrono::duration_cast<steady_clock::duration>(seconds(std::min(**until, 1e9)));
  if (!flags.idle_exit.empty()) {
    const auto idle = parse_duration(flags.idle_exit);
    if (!idle || *idle <= 0) return bad_flag("idle-exit", "a time such as 10m", flags.idle_exit);
    s.idle_exit = seconds(*idle);
  }
  return {};
}

}  // namespace

int run_worker(const command_context& context, const worker_flags& flags) {
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  auto options = options_of(context, flags);
  if (!options) return complain(context, options.error(), exit_usage);
  const auto given = read_allocation();
  auto machine = this_machine();
  shift s;
  if (auto ok = fill_shift(flags, given, machine, s); !ok)
    return complain(context, ok.error(), exit_usage);
  own_folder ephemeral;
  if (flags.ephemeral) {
    auto folder = ephemeral.make();
    if (!folder) return complain(context, folder.error());
    options->state_dir = *folder;
  }
  signal(SIGPIPE, SIG_IGN);
  auto w = open_worker_world(*options);  // first, while this process is small
  if (!w) return complain(context, w.error());
  w->here.machine.device = machine.device;
  print_line("worker " + w->here.machine.name + " offers " + std::to_string(s.slots) +
             (s.slots == 1 ? " slot" : " slots") + ": " + machine_class(w->here.machine));
  if (w->place.filename() != "worker")
    print_line("another worker has its place in " + options->state_dir.string() +
               "; this one works in " + w->place.filename().string());
  if (s.until)
    print_line("it drains in " +
               duration_text(std::max(0.0, *s.left_s() - drained_before_end.count())) +
               ", before its time here ends");
  return worker_shift(*invited, *w, s, [&ephemeral] { ephemeral.remove(); }).work(context);
}

}  // namespace ratchet::cli
