// SPDX-License-Identifier: MIT
//
// Finding and ending the descendants of the calling process.
//
// A look into /proc is never proof that none is left: only waitpid's ECHILD is, for a process that
// is a child subreaper. These functions find whom to signal on the way there.
#pragma once

#include <sys/types.h>

namespace ratchet::launch {

struct process_entry {
  pid_t pid;
  pid_t parent;
};

/// Parent of `pid` by /proc/<pid>/stat; 0 when there is no such process.
pid_t parent_of(pid_t pid);

/// Sends `signal` to every descendant that one scan of /proc finds, whole branches below the
/// children in `spared` left out. Returns how many were found, -1 when /proc cannot be read.
int signal_descendants(int signal, const pid_t* spared = nullptr, int spared_count = 0);

/// Kills our children among the process ids that follow `ended`: a process that forks and exits in
/// a loop hands its child to us with one of these, and is faster than any scan of /proc.
void kill_successors(pid_t ended, const pid_t* spared = nullptr, int spared_count = 0);

}  // namespace ratchet::launch
