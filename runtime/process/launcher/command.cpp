// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/command.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/launcher/isolation.hpp"

namespace ratchet::launch {

namespace {

constexpr rlim_t most_descriptors = 65536;

/// Files without a #! line are scripts of /bin/sh, as execvp has it.
void execute_script(const job& job, const char* path) {
  const char* arguments[1024] = {"/bin/sh", path};
  if (job.header.arguments > 1021) return;
  for (std::uint32_t i = 1; i < job.header.arguments; ++i) arguments[i + 1] = job.arguments[i];
  execve("/bin/sh", const_cast<char**>(arguments), job.environment);
}

void execute_path(const job& job, const char* path) {
  execve(path, job.arguments, job.environment);
  if (errno == ENOEXEC) execute_script(job, path);
}

/// Returns only on failure, with errno of the most telling attempt.
void execute(const job& job) {
  const char* name = job.arguments[0];
  if (strchr(name, '/') || !*name) return execute_path(job, name);
  const char* folders = variable(job, "PATH");
  if (!folders) folders = "/usr/local/bin:/usr/bin:/bin";
  int denied = 0;
  char path[4096];
  for (const char* folder = folders;; ++folder) {
    const char* end = strchrnul(folder, ':');
    auto length = static_cast<int>(end - folder);
    // An empty entry is the working directory.
    int n = length ? snprintf(path, sizeof path, "%.*s/%s", length, folder, name)
                   : snprintf(path, sizeof path, "./%s", name);
    if (n > 0 && n < static_cast<int>(sizeof path)) {
      execute_path(job, path);
      if (errno == EACCES)
        denied = EACCES;
      else if (errno != ENOENT && errno != ENOTDIR)
        return;
    }
    if (!*end) break;
    folder = end;
  }
  errno = denied ? denied : ENOENT;
}

void set_limits() {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max < most_descriptors ? files.rlim_max : most_descriptors;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// When memory runs out, the kernel shall take the experiment and not Ratchet or the desktop.
void volunteer_for_oom() {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] ssize_t n = write(fd, "500", 3);
  close(fd);
}

/// Runs in the child of vfork, in the supervisor's memory: no allocation, no return.
[[noreturn]] void become_command(const job& job, int input, int output, run_report& report) {
  setsid();
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  close_range(3, ~0U, 0);
  report.stage = stage::directory;
  if (chdir(job.directory) == 0) {
    set_limits();
    volunteer_for_oom();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    confine_command(job);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    report.stage = stage::exec;
    execute(job);
  }
  report.error_number = errno;
  _exit(127);
}

}  // namespace

pid_t start_command(const job& job, int input, int output, run_report& report) {
  report.error_number = 0;
  // vfork: nothing is copied, and when it returns the command either executes or has left its
  // error in the report, which both processes see.
  pid_t pid = vfork();
  if (pid == 0) become_command(job, input, output, report);
  if (pid < 0) {
    report.stage = stage::fork;
    report.error_number = errno;
    return -1;
  }
  if (report.error_number == 0) {
    report.stage = stage::done;
    return pid;
  }
  waitpid(pid, nullptr, 0);
  snprintf(report.detail, sizeof report.detail, "%s",
           report.stage == stage::directory ? job.directory : job.arguments[0]);
  return -1;
}

}  // namespace ratchet::launch
