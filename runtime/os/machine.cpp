// SPDX-License-Identifier: MIT
#include "runtime/os/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "actors/logic/text.hpp"
#include "runtime/os/allocation.hpp"

namespace ratchet {

namespace {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      if (auto colon = line.find(": "); colon != line.npos)
        return one_line(line.substr(colon + 2), 100);
  return "";
}

}  // namespace

machine_facts this_machine() {
  machine_facts m;
  utsname system{};
  if (::uname(&system) == 0) {
    m.name = system.nodename;
    m.arch = system.machine;
    m.os = std::string(system.sysname) + " " + system.release;
    for (char& c : m.os) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  m.cpu = cpu_model();
  const auto given = read_allocation();
  m.cpus = given.cpus;
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) m.memory_mb = static_cast<int>(pages / 1024 * page / 1024);
  if (given.memory_mb && (m.memory_mb == 0 || *given.memory_mb < m.memory_mb))
    m.memory_mb = *given.memory_mb;
  return m;
}

}  // namespace ratchet
