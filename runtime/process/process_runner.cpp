// SPDX-License-Identifier: MIT
#include "runtime/process/process_runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "runtime/os/file_descriptor.hpp"
#include "runtime/os/program_file.hpp"
#include "runtime/process/launch_protocol.hpp"
#include "runtime/process/launcher_link.hpp"
#include "runtime/process/output_excerpt.hpp"
#include "runtime/process/run_failure.hpp"
#include "runtime/process/run_request.hpp"

namespace ratchet {

namespace {

using clock = std::chrono::steady_clock;

constexpr int pipe_bytes = 1 << 20;
constexpr std::size_t read_bytes = 256 << 10;
/// Beyond time-out and grace: how long a supervisor may take to end everything and say so.
constexpr double patience_s = 30;
/// How long output that somebody outside the tree still writes is taken after the end.
constexpr auto drain_time = std::chrono::milliseconds(500);

failure system_failure(const char* what) {
  return fail(errc::process_failed,
              std::string("the command was not run: ") + what + ": " + std::strerror(errno));
}

/// A file in memory with the input, to be read from its start. A pipe would need a writer.
expected<file_descriptor> input_file(const std::string& input) {
  file_descriptor file(memfd_create("ratchet-input", MFD_CLOEXEC));
  if (!file) return system_failure("no memory file for its input");
  for (std::size_t done = 0; done < input.size();) {
    ssize_t n = write(file.get(), input.data() + done, input.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("its input could not be stored");
    done += static_cast<std::size_t>(n);
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

/// One run, from the request to the report.
class running_command {
 public:
  running_command(const process_request& request, output_sink* sink)
      : request_(request), sink_(sink), buffer_(new char[read_bytes]) {}

  /// Makes the channels and hands their far ends to the launcher. False: the launcher is gone.
  expected<bool> submit(const launcher_link& launcher, const std::string& encoded) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
      return system_failure("no control socket");
    control_ = file_descriptor(pair[0]);
    file_descriptor far_control(pair[1]);
    if (pipe2(pair, O_CLOEXEC) != 0) return system_failure("no pipe for its output");
    output_ = file_descriptor(pair[0]);
    file_descriptor far_output(pair[1]);
    fcntl(output_.get(), F_SETPIPE_SZ, pipe_bytes);  // refused: the default does too
    fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    file_descriptor input;
    if (!request_.input.empty()) {
      auto file = input_file(request_.input);
      if (!file) return file.error();
      input = std::move(*file);
    }
    // What fits is there before the supervisor is, which then need not wait for it.
    ssize_t sent =
        send(control_.get(), encoded.data(), encoded.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    std::string_view rest = encoded;
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
    if (!launcher.submit({far_control.get(), far_output.get(), input.get()})) return false;
    far_control.close();
    while (!rest.empty()) {
      sent = send(control_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) break;  // seen as the end of the control socket below
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Streams the output until the report is there.
  expected<launch::run_report> watch(std::stop_token stop) {
    std::stop_callback on_stop(std::move(stop), [fd = control_.get()] {
      send(fd, &launch::cancel_byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    });
    const auto give_up =
        clock::now() +
        std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(
            std::min(request_.timeout_s, 1e8) + std::min(request_.grace_s, 1e8) + patience_s));
    while (received_ < sizeof report_) {
      pollfd fds[2] = {{control_.get(), POLLIN, 0}, {output_open_ ? output_.get() : -1, POLLIN, 0}};
      // A stop only shortens the time, so that the supervisor's own limit is the longest wait.
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up - clock::now());
      if (left.count() <= 0) return unanswered();
      const int n = poll(fds, 2, static_cast<int>(std::min<long long>(left.count(), 1 << 30)));
      if (n < 0 && errno != EINTR) return system_failure("its output could not be watched");
      if (n <= 0) continue;
      if (fds[1].revents) read_output();
      if (fds[0].revents && !read_control()) return cut_off();
    }
    if (report_.magic != launch::magic) return cut_off();
    drain();
    return report_;
  }

  /// Whether a supervisor took the run over; before that it may be submitted again.
  bool accepted() const { return accepted_; }
  const output_excerpt& excerpt() const { return excerpt_; }

 private:
  /// False when nothing can be read now.
  bool read_output() {
    ssize_t n = read(output_.get(), buffer_.get(), read_bytes);
    if (n == 0) output_open_ = false;
    if (n <= 0) return n < 0 && errno == EINTR;
    std::string_view bytes(buffer_.get(), static_cast<std::size_t>(n));
    excerpt_.add(bytes);
    if (sink_) sink_->consume(bytes);
    return true;
  }

  /// False at the end of the socket.
  bool read_control() {
    ssize_t n = 0;
    if (!accepted_ && received_ == 0) {
      char first = 0;
      n = recv(control_.get(), &first, 1, MSG_DONTWAIT | MSG_PEEK);
      if (n == 1 && first == launch::accepted_byte) {
        accepted_ = true;
        recv(control_.get(), &first, 1, MSG_DONTWAIT);
      }
      if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    n = recv(control_.get(), reinterpret_cast<char*>(&report_) + received_,
             sizeof report_ - received_, MSG_DONTWAIT);
    if (n > 0) received_ += static_cast<std::size_t>(n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
  }

  /// The tree is empty now, so that an empty pipe stays empty unless a stranger was given it.
  void drain() {
    const auto end = clock::now() + drain_time;
    while (output_open_ && clock::now() < end && read_output()) {
    }
  }

  failure cut_off() const {
    return fail(
        errc::process_failed,
        "the command's supervisor and the launcher were both killed, perhaps by the command "
        "itself; processes of it may still run: look for them before going on");
  }
  failure unanswered() const {
    return fail(errc::process_failed,
                "the command's processes did not end within 30 s of SIGKILL (a hanging file "
                "system or device?); look for them before going on");
  }

  const process_request& request_;
  output_sink* sink_;
  std::unique_ptr<char[]> buffer_;
  file_descriptor control_;
  file_descriptor output_;
  bool output_open_ = true;
  bool accepted_ = false;
  launch::run_report report_;
  std::size_t received_ = 0;
  output_excerpt excerpt_;
};

process_outcome outcome_of(const launch::run_report& report, const output_excerpt& excerpt) {
  process_outcome outcome;
  if (report.signal != 0)
    outcome.signal = report.signal;
  else
    outcome.exit_code = report.exit_code;
  outcome.timed_out = report.timed_out != 0;
  outcome.cancelled = report.cancelled != 0;
  outcome.duration_s = static_cast<double>(report.duration_ns) / 1e9;
  outcome.output_head = excerpt.head();
  outcome.output_tail = excerpt.tail();
  outcome.output_bytes = excerpt.total_bytes();
  outcome.leftovers_killed = report.leftovers_killed;
  outcome.isolation = report.network_isolated && report.mounts_isolated ? "network+mounts"
                      : report.network_isolated                         ? "network"
                      : report.mounts_isolated                          ? "mounts"
                                                                        : "none";
  outcome.overlaid = report.overlaid != 0;
  outcome.cpu_s = static_cast<double>(report.cpu_ns) / 1e9;
  outcome.max_rss_mb = static_cast<double>(report.max_rss_bytes) / 1e6;
  if (report.instructions >= 0) outcome.instructions = static_cast<double>(report.instructions);
  return outcome;
}

class process_runner final : public process_port {
 public:
  explicit process_runner(const std::filesystem::path& launcher) : launcher_(launcher) {}

  expected<> start() {
    auto link = launcher_.get();
    if (!link) return link.error();
    return {};
  }

  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token stop) override {
    auto encoded = encode_request(request);
    if (!encoded) return encoded.error();
    if (stop.stop_requested()) {
      process_outcome outcome;
      outcome.cancelled = true;
      return outcome;
    }
    // The launcher may turn out to be dead; a run that no supervisor has accepted is tried again.
    for (int attempt = 0;; ++attempt) {
      auto link = launcher_.get();
      if (!link) return link.error();
      running_command command(request, sink);
      auto submitted = command.submit(**link, *encoded);
      if (!submitted) return submitted.error();
      expected<launch::run_report> report =
          *submitted ? command.watch(stop) : fail(errc::process_failed, "");
      if (report) {
        if (report->stage != launch::stage::done) return run_failure(request, *report);
        return outcome_of(*report, command.excerpt());
      }
      if (*submitted && command.accepted()) return report.error();
      launcher_.discard(*link);
      if (attempt > 0)
        return fail(errc::process_failed,
                    "the command was not run: ratchet-launcher ended twice before it took the run; "
                    "check that it is of this build and not being killed");
    }
  }

 private:
  launcher_slot launcher_;
};

}  // namespace

std::filesystem::path find_launcher() {
  if (const char* named = std::getenv("RATCHET_LAUNCHER"); named && *named) return named;
  return beside_program("ratchet-launcher");
}

expected<std::shared_ptr<process_port>> open_process_runner(const std::filesystem::path& launcher,
                                                            bool when_needed) {
  if (launcher.empty())
    return fail(errc::process_failed,
                "ratchet-launcher was not found beside this program nor in ../libexec/ratchet; "
                "reinstall Ratchet, or set RATCHET_LAUNCHER to its path");
  auto runner = std::make_shared<process_runner>(launcher);
  if (!when_needed)
    if (auto started = runner->start(); !started) return started.error();
  return std::shared_ptr<process_port>(std::move(runner));
}

}  // namespace ratchet
