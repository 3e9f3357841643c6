// SPDX-License-Identifier: MIT
//
// `ratchet doctor`: whether this machine offers what Ratchet needs, and what to do where not.
#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "actors/logic/text.hpp"
#include "actors/ports/process_port.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/net/caf_io.hpp"
#include "runtime/process/process_runner.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/store/state_directory.hpp"

namespace ratchet::cli {

namespace {

namespace fs = std::filesystem;

enum class level : std::uint8_t { ok, warn, fail };

struct check {
  std::string name;
  level found = level::ok;
  std::string text;
  std::string advice;  ///< what to do, unless ok
};

const char* word_of(level l) { return l == level::ok ? "ok" : l == level::warn ? "warn" : "fail"; }

check state_directory_check(const fs::path& directory) {
  const std::string name = "state directory";
  const std::string advice = "choose another with --state-dir or RATCHET_STATE_DIR";
  if (auto made = make_directory(directory); !made)
    return {name, level::fail, made.error().text, advice};
  const fs::path probe = directory / ".doctor";
  if (auto written = replace_file(probe, "ok\n"); !written)
    return {name, level::fail, written.error().text, advice};
  std::error_code ignored;
  fs::remove(probe, ignored);
  return {name, level::ok, directory.string() + " is writable", ""};
}

check store_check(const fs::path& directory) {
  auto store = open_store(directory);
  if (!store) return {"store", level::fail, store.error().text, "see above, or move the file away"};
  auto last = (*store)->last_seq();
  if (!last) return {"store", level::fail, last.error().text, "move the file away and start anew"};
  return {"store", level::ok, "opens; " + std::to_string(*last) + " events so far", ""};
}

check space_check(const fs::path& directory) {
  std::error_code error;
  auto space = fs::space(directory, error);
  if (error) return {"disk space", level::warn, error.message(), "look at the disk with df"};
  constexpr std::uintmax_t mib = 1 << 20;
  const std::string text = std::to_string(space.available / mib) + " MiB free";
  const std::string advice = "free space, or put the state directory on another disk";
  if (space.available < 100 * mib) return {"disk space", level::fail, text, advice};
  if (space.available < 1024 * mib) return {"disk space", level::warn, text, advice};
  return {"disk space", level::ok, text, ""};
}

process_request request_of(std::vector<std::string> argv) {
  process_request request;
  request.command.argv = std::move(argv);
  request.directory = "/";
  request.timeout_s = 10;
  return request;
}

check launcher_check(std::shared_ptr<process_port>& processes) {
  const std::string name = "launcher";
  auto file = find_launcher();
  if (file.empty())
    return {name, level::fail, "ratchet-launcher was not found",
            "put it beside ratchet (or in ../libexec/ratchet), or set RATCHET_LAUNCHER"};
  auto opened = open_process_runner(file);
  if (!opened)
    return {name, level::fail, opened.error().text, "install ratchet and its launcher together"};
  auto ran = (*opened)->run(request_of({"/bin/true"}), nullptr, {});
  if (!ran)
    return {name, level::fail, ran.error().text, "install ratchet and its launcher together"};
  if (!ran->succeeded())
    return {name, level::fail, "/bin/true did not succeed",
            "see whether /bin/true works by itself"};
  processes = *opened;
  return {name, level::ok,
          file.string() + " works: a process took " + duration_text(ran->duration_s), ""};
}

check sandbox_check(process_port& processes) {
  auto request = request_of({"/bin/true"});
  request.sandbox = sandbox_mode::automatic;
  request.network = false;
  std::error_code error;
  request.read_only_paths = {fs::temp_directory_path(error).string()};
  auto ran = processes.run(request, nullptr, {});
  if (!ran) return {"sandbox", level::warn, ran.error().text, "sandbox \"strict\" will not work"};
  if (ran->isolation == "network+mounts")
    return {"sandbox", level::ok, "network off and read-only mounts", ""};
  return {"sandbox", level::warn, "reaches \"" + ran->isolation + "\" of \"network+mounts\"",
          "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone, "
          "user.max_user_namespaces); without them sandbox \"strict\" refuses to run"};
}

check git_check(process_port& processes) {
  auto ran = processes.run(request_of({"git", "--version"}), nullptr, {});
  if (!ran || !ran->succeeded())
    return {"git", level::warn, "the program git was not found",
            "Ratchet works without it; install git to merge the branches it makes"};
  return {"git", level::ok, one_line(ran->output_tail, 80), ""};
}

check libgit2_check() {
  int major = 0, minor = 0, revision = 0;
  git_libgit2_version(&major, &minor, &revision);
  const std::string text = "version " + std::to_string(major) + "." + std::to_string(minor) + "." +
                           std::to_string(revision);
  if (major < 1 || (major == 1 && minor < 5))
    return {"libgit2", level::fail, text, "1.5 or later is needed"};
  return {"libgit2", level::ok, text, ""};
}

check network_check() {
  if (auto io = net::loaded_caf_io(); !io)
    return {"other machines", level::warn, io.error().text,
            "without it there is no node, no worker and no --join"};
  return {"other machines", level::ok, "node, worker and --join work", ""};
}

std::vector<check> all_checks(const fs::path& directory) {
  std::vector<check> checks{state_directory_check(directory)};
  if (checks[0].found == level::ok) {
    checks.push_back(store_check(directory));
    checks.push_back(space_check(directory));
  }
  std::shared_ptr<process_port> processes;
  checks.push_back(launcher_check(processes));
  if (processes) {
    checks.push_back(sandbox_check(*processes));
    checks.push_back(git_check(*processes));
  }
  checks.push_back(libgit2_check());
  checks.push_back(network_check());
  checks.push_back({"processors", level::ok,
                    std::to_string(std::max(1U, std::thread::hardware_concurrency())) +
                        " (half of them measure side by side unless --slots says otherwise)",
                    ""});
  return checks;
}

}  // namespace

int show_doctor(const command_context& context) {
  auto checks = all_checks(resolve_state_dir(context.state_dir));
  bool well = std::none_of(checks.begin(), checks.end(),
                           [](const check& c) { return c.found == level::fail; });
  if (context.json_output) {
    json list = json::array();
    for (const auto& c : checks) {
      list.push_back({{"name", c.name}, {"level", word_of(c.found)}, {"text", c.text}});
      if (!c.advice.empty()) list.back()["advice"] = c.advice;
    }
    print_json({{"well", well}, {"checks", std::move(list)}}, false);
    return well ? exit_done : exit_failed;
  }
  for (const auto& c : checks) {
    paint p = c.found == level::ok     ? paint::green
              : c.found == level::warn ? paint::yellow
                                       : paint::red;
    print_line(painted(context.style, p, padded(word_of(c.found), 6, context.style)) +
               padded(c.name, 17, context.style) + harmless(c.text));
    if (c.found != level::ok && !c.advice.empty())
      print_line(std::string(23, ' ') + painted(context.style, paint::dim, "→ " + c.advice));
  }
  return well ? exit_done : exit_failed;
}

}  // namespace ratchet::cli
