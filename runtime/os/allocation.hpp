// SPDX-License-Identifier: MIT
//
// What this process was given of its machine, by whoever started it: Slurm, a container, systemd,
// taskset. Of several limits the tightest holds.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ratchet {

struct allocation {
  int cpus = 1;                     ///< that may run at once; a part of one counts as one
  bool given = false;               ///< it is less than the machine, or Slurm's: it is all ours
  std::optional<int> memory_mb;     ///< none: the machine's is the limit
  std::optional<double> ends_in_s;  ///< from now on; none: not known
};

/// Where an allocation is read from; a test has others than the system.
struct allocation_sources {
  std::function<std::string(const char*)> environment;  ///< empty: not set
  std::filesystem::path root = "/";                     ///< of /proc/self/cgroup and /sys/fs/cgroup
  int affinity = 1;                                     ///< processors in this process's mask
  int machine = 1;                                      ///< and in the machine
  std::int64_t now_s = 0;                               ///< since 1970
};

/// The processors in this process's affinity mask, by the system's numbers.
std::vector<std::string> own_processors();

/// The system's own.
allocation_sources allocation_of_this_process();

/// SLURM_CPUS_ON_NODE, the affinity mask, the cgroup's quota (version 2, and 1) and those of the
/// cgroups that it is in; SLURM_MEM_PER_NODE (MB) and the cgroups' memory; SLURM_JOB_END_TIME.
allocation read_allocation(const allocation_sources& from = allocation_of_this_process());

}  // namespace ratchet
