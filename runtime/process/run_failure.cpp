// SPDX-License-Identifier: MIT
#include "runtime/process/run_failure.hpp"

#include <errno.h>
#include <string.h>

#include <string>

namespace ratchet {

namespace {

constexpr const char* other_sandbox = "; use sandbox \"auto\" or \"none\"";

std::string why_not_counted(int error) {
  if (error == EACCES || error == EPERM)
    return "it lets this user read no performance counters (kernel.perf_event_paranoid must be 2 "
           "or less, and a container must allow perf_event_open)";
  if (error == ENOENT || error == EOPNOTSUPP || error == ENODEV)
    return "it offers no hardware counter of them (virtual machines mostly have none)";
  return std::string("perf_event_open: ") + strerror(error);
}

}  // namespace

failure run_failure(const process_request& request, const launch::run_report& report) {
  using launch::stage;
  const std::string program = request.command.arguments().front();
  const std::string detail(report.detail, strnlen(report.detail, sizeof report.detail));
  const std::string why = strerror(report.error_number);
  auto failed = [](std::string text) { return fail(errc::process_failed, std::move(text)); };
  switch (report.stage) {
    case stage::user_namespace:
      return failed(
          "strict sandbox: this machine lets Ratchet make no user namespace "
          "(CLONE_NEWUSER: " +
          why + ")" + other_sandbox);
    case stage::network:
      return failed(
          "strict sandbox: this machine lets Ratchet make no network namespace "
          "(CLONE_NEWNET: " +
          why + ")" + other_sandbox);
    case stage::mounts:
      if (detail.empty())
        return failed(
            "strict sandbox: this machine lets Ratchet make no mount namespace "
            "(CLONE_NEWNS: " +
            why + ")" + other_sandbox);
      return failed("strict sandbox: `" + detail + "` could not be mounted read-only (" + why +
                    "); check that it exists" + other_sandbox);
    case stage::directory:
      return failed("`" + program + "` was not run: its directory " + request.directory +
                    " cannot be entered: " + why);
    case stage::exec:
      return failed("`" + program + "` cannot be executed: " + why +
                    "; check the command, its PATH and its file mode");
    case stage::instructions:
      return failed("this machine cannot count the instructions of a command: " +
                    why_not_counted(report.error_number) +
                    "; take \"@cpu_s\" as the pattern of the metric instead");
    case stage::supervisor:
    case stage::fork:
      return failed("`" + program + "` was not run: no process could be made for it: " + why +
                    "; check the limits on processes and memory");
    case stage::processes:
      return failed("`" + program +
                    "` left processes behind that cannot be found, as /proc cannot "
                    "be read: " +
                    why + "; mount /proc");
    case stage::supervisor_lost:
      return failed("the supervisor of `" + program + "` was killed by signal " +
                    std::to_string(report.signal) +
                    ", perhaps by the command itself; its processes were ended, the run is void");
    case stage::request:
    case stage::done:
      break;
  }
  return failed("`" + program + "` was not run: ratchet-launcher did not understand the request (" +
                why + "); it must be of the same build as this program");
}

}  // namespace ratchet
