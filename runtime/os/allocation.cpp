// SPDX-License-Identifier: MIT
#include "runtime/os/allocation.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "runtime/os/wall_clock.hpp"

namespace ratchet {

namespace {

namespace fs = std::filesystem;

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() || value <= 0) return std::nullopt;
  return value;
}

/// The first `count` words of a file; empty ones where there are fewer.
std::vector<std::string> words_of(const fs::path& file, std::size_t count) {
  std::vector<std::string> words(count);
  std::ifstream in(file);
  for (auto& word : words) in >> word;
  return words;
}

struct limits {
  std::optional<double> cpus;
  std::optional<double> memory_bytes;
};

void tighten(std::optional<double>& limit, std::optional<double> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

/// Version 1 says "no limit" by a number beyond any memory.
constexpr double no_memory_limit = 1e18;

/// One folder of a hierarchy, in either version's files.
void look_at(const fs::path& folder, limits& found) {
  const auto quota = words_of(folder / "cpu.max", 2);
  if (auto q = number(quota[0]), period = number(quota[1]); q && period)
    tighten(found.cpus, *q / *period);
  const auto quota1 = number(words_of(folder / "cpu.cfs_quota_us", 1)[0]);
  const auto period1 = number(words_of(folder / "cpu.cfs_period_us", 1)[0]);
  if (quota1 && period1) tighten(found.cpus, *quota1 / *period1);
  tighten(found.memory_bytes, number(words_of(folder / "memory.max", 1)[0]));
  const auto memory1 = number(words_of(folder / "memory.limit_in_bytes", 1)[0]);
  if (memory1 && *memory1 < no_memory_limit) tighten(found.memory_bytes, memory1);
}

/// A limit of a group holds for all groups in it. In a container the paths may be the host's, and
/// its own group is the hierarchy's root.
void look_up_from(const fs::path& hierarchy, const fs::path& group, limits& found) {
  auto at = group.relative_path();
  for (;; at = at.parent_path()) {
    look_at(hierarchy / at, found);
    if (at.empty()) return;
  }
}

limits cgroup_limits(const fs::path& root) {
  limits found;
  const auto mounted = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  // "0::/path" is version 2, "4:cpu,cpuacct:/path" version 1.
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      look_up_from(mounted, group, found);
      look_up_from(mounted / "unified", group, found);
    } else if (controllers.find("cpu") != controllers.npos || controllers == "memory") {
      look_up_from(mounted / controllers, group, found);
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> own_processors() {
  std::vector<std::string> found;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return found;
  for (int n = 0; n < CPU_SETSIZE; ++n)
    if (CPU_ISSET(n, &set)) found.push_back(std::to_string(n));
  return found;
}

allocation_sources allocation_of_this_process() {
  allocation_sources from;
  from.environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  from.machine = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const auto own = own_processors();
  from.affinity = own.empty() ? from.machine : static_cast<int>(own.size());
  if (auto online = ::sysconf(_SC_NPROCESSORS_ONLN); online > 0)
    from.machine = static_cast<int>(online);
  from.now_s = wall_clock_ms() / 1000;
  return from;
}

allocation read_allocation(const allocation_sources& from) {
  const auto cgroup = cgroup_limits(from.root);
  allocation a;
  a.cpus = std::max(1, std::min(from.affinity, from.machine));
  if (cgroup.cpus)
    a.cpus = std::min(a.cpus, std::max(1, static_cast<int>(std::ceil(*cgroup.cpus))));
  a.given = a.cpus < from.machine;
  if (auto slurm = number(from.environment("SLURM_CPUS_ON_NODE"))) {
    a.cpus = std::min(a.cpus, static_cast<int>(*slurm));
    a.given = true;
  }
  std::optional<double> memory = cgroup.memory_bytes;
  if (auto mb = number(from.environment("SLURM_MEM_PER_NODE"))) tighten(memory, *mb * 1024 * 1024);
  if (memory) a.memory_mb = static_cast<int>(std::min(*memory / (1024 * 1024), 2e9));
  if (auto end = number(from.environment("SLURM_JOB_END_TIME")))
    a.ends_in_s = std::max(0.0, *end - static_cast<double>(from.now_s));
  return a;
}

}  // namespace ratchet
