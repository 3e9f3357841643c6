// SPDX-License-Identifier: MIT
//
// ratchet-launcher: forks one supervisor per run, on behalf of the Ratchet process at the other
// end of its standard input, a SEQPACKET socket. Lives as long as that socket and its last
// supervisor. Being small it forks fast, whatever the size of Ratchet.
//
// It is the backstop too: when a command kills its supervisor, what that left behind becomes the
// launcher's children (it is a child subreaper); they are ended, then Ratchet is told.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

#include "runtime/process/launcher/job.hpp"
#include "runtime/process/launcher/process_tree.hpp"
#include "runtime/process/launcher/supervisor.hpp"

namespace ratchet::launch {

namespace {

constexpr int max_runs = 1024;

/// Runs that are under way: the supervisor and a copy of its control socket, kept so that its
/// report can be sent in its place.
pid_t supervisors[max_runs];
int controls[max_runs];
int run_count = 0;

/// Runs whose supervisor was killed, until what they left behind is ended.
struct lost_run {
  int control;
  int signal;
};
lost_run lost[max_runs];
int lost_count = 0;

void report_failure(int control, stage stage, int error_number, int signal) {
  run_report report;
  report.stage = stage;
  report.error_number = error_number;
  report.signal = signal;
  // A peer that does not read must not hold the launcher up; the report fits into any buffer.
  send(control, &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Descriptors 0…2 are /dev/null here, so that none of the received ones can be among them.
struct run_descriptors {
  int control = -1, output = -1, input = -1;
};

[[noreturn]] void become_supervisor(const run_descriptors& run) {
  // In a fixed place above the standard ones, and everything else of the launcher closed: a copy
  // of another run's control socket would hide its end.
  int high[3];
  const int wanted[3] = {run.control, run.output, run.input};
  for (int i = 0; i < 3; ++i) high[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 6);
  for (int i = 0; i < 3; ++i) dup3(high[i], 3 + i, O_CLOEXEC);
  close_range(6, ~0U, 0);
  supervise(3, 4, 5);
}

void start_run(const run_descriptors& run) {
  if (run_count + lost_count == max_runs)
    return report_failure(run.control, stage::supervisor, EAGAIN, 0);
  pid_t pid = fork();
  if (pid == 0) become_supervisor(run);
  if (pid < 0) return report_failure(run.control, stage::supervisor, errno, 0);
  supervisors[run_count] = pid;
  controls[run_count++] = fcntl(run.control, F_DUPFD_CLOEXEC, 3);
}

/// False at the end of the socket.
bool receive_ticket(int socket) {
  run_ticket ticket;
  iovec data{&ticket, sizeof ticket};
  alignas(cmsghdr) char room[CMSG_SPACE(3 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;

  int received[3] = {-1, -1, -1};
  int count = 0;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header && header->cmsg_type == SCM_RIGHTS) {
    count = static_cast<int>((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(received, CMSG_DATA(header), static_cast<size_t>(count) * sizeof(int));
  }
  run_descriptors run{received[0], received[1], received[2]};
  const bool sound =
      n == sizeof ticket && ticket.magic == magic && count == (ticket.has_input ? 3 : 2);
  if (sound && !ticket.has_input) run.input = 0;  // our own /dev/null
  if (sound)
    start_run(run);
  else if (run.control >= 0)
    report_failure(run.control, stage::request, EPROTO, 0);
  for (int fd : received)
    if (fd >= 0) close(fd);
  return true;
}

/// Collects ended children; returns how many. A supervisor that did not exit with 0 was killed and
/// is put among the lost.
int collect() {
  int collected = 0;
  for (;; ++collected) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (pid <= 0) return collected;
    int i = 0;
    while (i < run_count && supervisors[i] != pid) ++i;
    if (i == run_count) {
      kill_successors(pid, supervisors, run_count);
    } else if (WIFSTOPPED(status)) {
      kill(pid, SIGCONT);  // a stopped supervisor would watch no deadline
    } else {
      const int control = controls[i];
      supervisors[i] = supervisors[--run_count];
      controls[i] = controls[run_count];
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        close(control);
      else
        lost[lost_count++] = {control, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    }
  }
}

/// Ends every child that is no supervisor. There is no ECHILD to prove it while other supervisors
/// live, so two scans must find nobody, with nobody having ended in between.
void end_orphans() {
  for (int quiet_scans = 0; quiet_scans < 2;) {
    const int found = signal_descendants(SIGKILL, supervisors, run_count);
    if (found < 0) return;
    if (found > 0) wait_for_event(-1, 2'000'000);
    quiet_scans = collect() + found == 0 ? quiet_scans + 1 : 0;
  }
}

/// Ends what killed supervisors left behind, then reports in their place.
void settle_lost() {
  if (lost_count == 0) return;
  end_orphans();
  for (; lost_count > 0; --lost_count) {
    const lost_run& run = lost[lost_count - 1];
    report_failure(run.control, stage::supervisor_lost, 0, run.signal);
    close(run.control);
  }
}

int run_launcher() {
  const int socket = fcntl(0, F_DUPFD_CLOEXEC, 3);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (socket < 0 || null < 0) return 1;
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  dup3(socket, 3, O_CLOEXEC);
  close_range(4, ~0U, 0);

  setsid();  // Ctrl-C at a terminal is for Ratchet, which then cancels its runs
  block_signals();
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // no tracing by a command of the same user
  bool open = true;
  while (open || run_count > 0) {
    collect();
    settle_lost();
    if (!open && run_count == 0) break;
    if (wait_for_event(open ? 3 : -1, -1)) open = receive_ticket(3);
  }
  return 0;
}

}  // namespace

}  // namespace ratchet::launch

int main() {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    fputs(
        "ratchet-launcher: started by Ratchet itself, with a socket as standard input; "
        "there is nothing to do by hand\n",
        stderr);
    return 2;
  }
  return ratchet::launch::run_launcher();
}
