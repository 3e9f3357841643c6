// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/usage.hpp"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

namespace ratchet::launch {

bool tree_counter::open(unit what) {
  perf_event_attr wanted{};
  wanted.size = sizeof wanted;
  const bool instructions = what == unit::instructions;
  wanted.type = instructions ? PERF_TYPE_HARDWARE : PERF_TYPE_SOFTWARE;
  wanted.config = instructions ? static_cast<std::uint64_t>(PERF_COUNT_HW_INSTRUCTIONS)
                               : static_cast<std::uint64_t>(PERF_COUNT_SW_TASK_CLOCK);
  wanted.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  // Of this process, off, and handed on to its children: the command's exec switches the copy on
  // that it inherited, and this process never calls exec.
  wanted.disabled = 1;
  wanted.enable_on_exec = 1;
  wanted.inherit = 1;
  wanted.exclude_kernel = 1;  // else ordinary users may not; the clock runs in the kernel too
  wanted.exclude_hv = 1;
  constexpr int this_process = 0, any_cpu = -1, no_group = -1;
  fd_ = static_cast<int>(
      syscall(SYS_perf_event_open, &wanted, this_process, any_cpu, no_group, PERF_FLAG_FD_CLOEXEC));
  return fd_ >= 0;
}

std::int64_t tree_counter::read() const {
  struct {
    std::uint64_t count, enabled_ns, running_ns;
  } counted{};
  if (fd_ < 0 || ::read(fd_, &counted, sizeof counted) != sizeof counted) return -1;
  if (counted.running_ns == 0) return -1;
  if (counted.running_ns >= counted.enabled_ns) return static_cast<std::int64_t>(counted.count);
  return static_cast<std::int64_t>(static_cast<double>(counted.count) *
                                   static_cast<double>(counted.enabled_ns) /
                                   static_cast<double>(counted.running_ns));
}

void take_usage(run_report& report, const tree_counter& cpu) {
  rusage used{};
  if (getrusage(RUSAGE_CHILDREN, &used) != 0) return;
  for (const timeval& part : {used.ru_utime, used.ru_stime})
    report.cpu_ns += part.tv_sec * 1'000'000'000LL + part.tv_usec * 1000LL;
  if (const std::int64_t counted = cpu.read(); counted > report.cpu_ns) report.cpu_ns = counted;
  report.max_rss_bytes = used.ru_maxrss * 1024LL;
}

}  // namespace ratchet::launch
