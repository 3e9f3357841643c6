// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/supervisor.hpp"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/process/launcher/command.hpp"
#include "runtime/process/launcher/isolation.hpp"
#include "runtime/process/launcher/job.hpp"
#include "runtime/process/launcher/process_tree.hpp"
#include "runtime/process/launcher/usage.hpp"

namespace ratchet::launch {

namespace {

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

class supervision {
 public:
  supervision(int control, const job& job, run_report& report)
      : control_(control), job_(job), report_(report) {}

  /// Until no descendant is left.
  void run(pid_t command) {
    command_ = command;
    started_ns_ = now_ns();
    deadline_ns_ = started_ns_ + job_.header.timeout_ns;
    while (reap()) {
      if (phase_ == phase::running && command_ended_) phase_ = phase::killing;
      if (phase_ == phase::killing)
        kill_round();
      else
        watch();
    }
  }

 private:
  enum class phase { running, terminating, killing };

  /// Collects every child that has ended; false when there is no child at all any more.
  bool reap() {
    for (;;) {
      int status = 0;
      pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid == 0) return true;
      if (pid < 0) return errno != ECHILD;
      if (pid == command_) {
        command_ended_ = true;
        report_.duration_ns = now_ns() - started_ns_;
        report_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        report_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      } else if (command_ended_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        ++report_.leftovers_killed;
      }
      if (phase_ == phase::killing) kill_successors(pid);
    }
  }

  /// One wait in the phases in which the command may still live.
  void watch() {
    const std::int64_t left = deadline_ns_ - now_ns();
    if (left <= 0) {
      if (phase_ == phase::terminating) {
        phase_ = phase::killing;
      } else {
        report_.timed_out = 1;
        terminate();
      }
      return;
    }
    if (!wait_for_event(control_, left)) return;
    char order = 0;
    ssize_t n = recv(control_, &order, 1, MSG_DONTWAIT);
    if (n == 1 && order == cancel_byte && phase_ == phase::running) {
      report_.cancelled = 1;
      terminate();
    } else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      phase_ = phase::killing;  // Ratchet is gone, nobody waits for a graceful end
    }
  }

  void terminate() {
    phase_ = phase::terminating;
    deadline_ns_ = now_ns() + job_.header.grace_ns;
    signal_descendants(SIGTERM);
    signal_descendants(SIGCONT);  // a stopped process acts on SIGTERM only when it goes on
  }

  void kill_round() {
    if (!hastened_) {
      hastened_ = true;
      setpriority(PRIO_PROCESS, 0, -20);  // as root: be faster than what forks in a loop
    }
    if (signal_descendants(SIGKILL) < 0) {
      report_.stage = stage::processes;
      report_.error_number = errno;
      send_all(control_, &report_, sizeof report_);
      _exit(1);
    }
    // As long as children keep ending, their successors are killed at once; then scan again.
    constexpr long long quiet_ns = 5'000'000;
    for (int i = 0; i < 64; ++i) {
      const std::int64_t before = now_ns();
      wait_for_event(-1, quiet_ns);
      if (!reap() || now_ns() - before >= quiet_ns) return;
    }
  }

  int control_;
  const job& job_;
  run_report& report_;
  pid_t command_ = 0;
  phase phase_ = phase::running;
  bool command_ended_ = false;
  bool hastened_ = false;
  std::int64_t started_ns_ = 0;
  std::int64_t deadline_ns_ = 0;
};

}  // namespace

void block_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGCHLD, &action, nullptr);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

bool wait_for_event(int fd, long long timeout_ns) {
  pollfd entry{fd, POLLIN, 0};
  timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  sigset_t waited;
  sigfillset(&waited);
  sigdelset(&waited, SIGCHLD);
  int n = ppoll(&entry, 1, timeout_ns < 0 ? nullptr : &timeout, &waited);
  return n > 0 && entry.revents != 0;
}

void supervise(int control, int output, int input) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_NAME, "ratchet-superv", 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else /proc/self is root's; switched off again below
  job job;
  if (!receive_job(control, job)) _exit(0);  // the closed socket tells Ratchet
  if (!send_all(control, &accepted_byte, 1)) _exit(0);

  run_report report;
  tree_counter instructions, cpu;
  if (job.header.whole_cpu) cpu.open(tree_counter::unit::cpu_ns);  // the rest is there without it
  if (job.header.count_instructions && !instructions.open(tree_counter::unit::instructions)) {
    report.stage = stage::instructions;
    report.error_number = errno;
  } else if (isolate(job, report)) {
    pid_t command = start_command(job, input, output, report);
    close(output);
    close(input);
    // From here on no other process of this user may trace us or copy our descriptors.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (command > 0) supervision(control, job, report).run(command);
    take_usage(report, cpu);
    report.instructions = instructions.read();
  }
  send_all(control, &report, sizeof report);
  _exit(0);
}

}  // namespace ratchet::launch
