// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ratchet::launch {

namespace {

constexpr int max_processes = 1 << 16;
constexpr int successors_tried = 24;

bool contains(const pid_t* pids, int count, pid_t pid) {
  for (int i = 0; i < count; ++i)
    if (pids[i] == pid) return true;
  return false;
}

/// Through a pidfd and with the parent checked again, so that a process id given to a stranger
/// between the scan and now is not hit. Our own unreaped children cannot be replaced.
void signal_safely(const process_entry& process, pid_t self, int signal) {
  if (process.parent == self) {
    kill(process.pid, signal);
    return;
  }
  int fd = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
  if (fd < 0) return;
  pid_t parent = parent_of(process.pid);
  if (parent == process.parent || parent == self)
    syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0);
  close(fd);
}

/// Reads all processes into `all`; -1 without /proc.
int scan(process_entry* all) {
  DIR* proc = opendir("/proc");
  if (!proc) return -1;
  int count = 0;
  while (const dirent* entry = readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || count == max_processes) continue;
    auto pid = static_cast<pid_t>(strtol(entry->d_name, nullptr, 10));
    if (pid_t parent = parent_of(pid)) all[count++] = {pid, parent};
  }
  closedir(proc);
  return count;
}

}  // namespace

pid_t parent_of(pid_t pid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[256];
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  // "pid (name) state parent …", and the name may hold anything but is ≤ 64 bytes.
  const char* name_end = strrchr(text, ')');
  if (!name_end || strlen(name_end) < 5) return 0;
  return static_cast<pid_t>(strtol(name_end + 4, nullptr, 10));
}

int signal_descendants(int signal, const pid_t* spared, int spared_count) {
  static process_entry all[max_processes];
  static pid_t ours[max_processes];
  int count = scan(all);
  if (count < 0) return -1;
  const pid_t self = getpid();
  int found = 0;
  // Parents mostly come before their children, so that few rounds are needed. An entry that was
  // dealt with is marked by parent 0.
  for (bool grown = true; grown;) {
    grown = false;
    for (int i = 0; i < count; ++i) {
      bool child = all[i].parent == self ? !contains(spared, spared_count, all[i].pid)
                                         : contains(ours, found, all[i].parent);
      if (all[i].parent == 0 || !child) continue;
      ours[found++] = all[i].pid;
      grown = true;
      signal_safely(all[i], self, signal);
      all[i].parent = 0;
    }
  }
  return found;
}

void kill_successors(pid_t ended, const pid_t* spared, int spared_count) {
  const pid_t self = getpid();
  for (pid_t pid = ended + 1; pid <= ended + successors_tried; ++pid)
    if (!contains(spared, spared_count, pid) && parent_of(pid) == self) kill(pid, SIGKILL);
}

}  // namespace ratchet::launch
