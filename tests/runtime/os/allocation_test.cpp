// SPDX-License-Identifier: MIT
#include "runtime/os/allocation.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "tests/runtime/tls/scratch.hpp"

using namespace ratchet;
namespace fs = std::filesystem;

namespace {

/// A machine of 16 processors whose files and environment are the test's.
struct machine {
  net::scratch_directory root;
  std::map<std::string, std::string> environment;
  int affinity = 16;

  void file(const std::string& path, const std::string& text) {
    const auto at = root.path() / path;
    fs::create_directories(at.parent_path());
    std::ofstream(at) << text;
  }
  allocation read() {
    return read_allocation({[this](const char* name) { return environment[name]; }, root.path(),
                            affinity, 16, 1'700'000'000});
  }
};

}  // namespace

TEST_CASE("a machine that nobody has divided is nobody's allocation") {
  machine m;
  const auto a = m.read();
  CHECK(a.cpus == 16);
  CHECK_FALSE(a.given);
  CHECK_FALSE(a.memory_mb);
  CHECK_FALSE(a.ends_in_s);
}

TEST_CASE("the affinity mask is an allocation, as taskset and Slurm set it") {
  machine m;
  m.affinity = 4;
  CHECK(m.read().cpus == 4);
  CHECK(m.read().given);
}

TEST_CASE("Slurm says how many processors, how much memory and until when") {
  machine m;
  m.environment = {{"SLURM_CPUS_ON_NODE", "6"},
                   {"SLURM_MEM_PER_NODE", "2048"},
                   {"SLURM_JOB_END_TIME", "1700003600"}};
  auto a = m.read();
  CHECK(a.cpus == 6);
  CHECK(a.given);
  CHECK(a.memory_mb == 2048);
  CHECK(a.ends_in_s == 3600.0);
  // Even where it is the whole machine.
  m.environment["SLURM_CPUS_ON_NODE"] = "16";
  CHECK(m.read().given);
  // And never more than may run.
  m.affinity = 2;
  CHECK(m.read().cpus == 2);
  m.environment["SLURM_CPUS_ON_NODE"] = "many";
  m.environment["SLURM_JOB_END_TIME"] = "";
  a = m.read();
  CHECK(a.cpus == 2);
  CHECK_FALSE(a.ends_in_s);
}

TEST_CASE("quotas of cgroups hold for all below them, in either version") {
  machine m;
  SUBCASE("version 2: the group's own") {
    m.file("proc/self/cgroup", "0::/pod/box\n");
    m.file("sys/fs/cgroup/pod/box/cpu.max", "250000 100000\n");
    m.file("sys/fs/cgroup/pod/box/memory.max", "1073741824\n");
  }
  SUBCASE("version 2: of the group that it is in") {
    m.file("proc/self/cgroup", "0::/pod/box\n");
    m.file("sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
    m.file("sys/fs/cgroup/pod/box/memory.max", "max\n");
    m.file("sys/fs/cgroup/pod/cpu.max", "250000 100000\n");
    m.file("sys/fs/cgroup/pod/memory.max", "1073741824\n");
  }
  SUBCASE("version 2: a container, whose own group is the root, under the host's path") {
    m.file("proc/self/cgroup", "0::/\n");
    m.file("sys/fs/cgroup/cpu.max", "250000 100000\n");
    m.file("sys/fs/cgroup/memory.max", "1073741824\n");
  }
  SUBCASE("version 1") {
    m.file("proc/self/cgroup", "4:cpu,cpuacct:/docker/1\n3:memory:/docker/1\n2:pids:/\n");
    m.file("sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us", "250000\n");
    m.file("sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us", "100000\n");
    m.file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    m.file("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "1073741824\n");
    m.file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  }
  const auto a = m.read();
  CHECK(a.cpus == 3);  // a part of a processor counts as one
  CHECK(a.given);
  CHECK(a.memory_mb == 1024);
}

TEST_CASE("what cannot be read of a cgroup limits nothing") {
  machine m;
  m.file("proc/self/cgroup", "nonsense\n:\n0::/absent\n");
  m.file("sys/fs/cgroup/cpu.max", "\n");
  m.file("sys/fs/cgroup/memory.max", "-5\n");
  CHECK(m.read().cpus == 16);
  CHECK_FALSE(m.read().memory_mb);
}
