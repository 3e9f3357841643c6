// SPDX-License-Identifier: MIT
#include "runtime/process/run_request.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <type_traits>

#include "runtime/process/launch_protocol.hpp"

namespace ratchet {

namespace {

using namespace std::string_literals;

bool is_passed_on(std::string_view name) {
  static constexpr std::array<std::string_view, 9> allowed{
      "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM"};
  return name.starts_with("LC_") ||
         std::find(allowed.begin(), allowed.end(), name) != allowed.end();
}

/// The folders above `directory`, the nearest first. Git asks for them as a list with colons: one
/// whose path has a colon cannot be told.
std::string folders_above(const std::string& directory) {
  std::string list;
  auto at = std::filesystem::path(directory).lexically_normal();
  if (!at.has_filename()) at = at.parent_path();
  for (at = at.parent_path(); at.has_relative_path(); at = at.parent_path())
    if (at.native().find(':') == std::string::npos) list += (list.empty() ? "" : ":") + at.native();
  return list;
}

failure refuse(const std::string& what) {
  return fail(errc::invalid_argument, "the command cannot be run: " + what);
}

using variables = std::map<std::string, std::string, std::less<>>;

/// Numbers are printed as in C, whatever the user's locale: "0,98" is not read. Text and sorting
/// stay as they are. LC_ALL would win over LC_NUMERIC, so its value becomes LANG's, and the other
/// LC_* that it had overruled go.
void use_plain_numbers(variables& all, const std::vector<std::string>& named) {
  for (std::string_view entry : named)
    for (std::string_view own : {"LC_ALL", "LC_NUMERIC", "LANG"})
      if (entry.substr(0, entry.find('=')) == own) return;
  if (auto everything = all.find("LC_ALL"); everything != all.end()) {
    if (std::string value = everything->second; !value.empty()) {
      std::erase_if(all, [&](const auto& v) {
        bool by_the_session = std::any_of(named.begin(), named.end(), [&](std::string_view entry) {
          return entry.substr(0, entry.find('=')) == v.first;
        });
        return v.first.starts_with("LC_") && !by_the_session;
      });
      all["LANG"] = value;
    } else {
      all.erase(everything);
    }
  }
  all["LC_NUMERIC"] = "C";
}

/// Ten years are as good as for ever and do not overflow.
std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(std::min(seconds, 10 * 365 * 86400.0) * 1e9);
}

}  // namespace

expected<std::vector<std::string>> command_environment(const std::vector<std::string>& named,
                                                       const std::string& directory) {
  variables all;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    auto name = text.substr(0, text.find('='));
    if (name.size() < text.size() && is_passed_on(name))
      all[std::string(name)] = text.substr(name.size() + 1);
  }
  if (auto above = folders_above(directory); !above.empty())
    all["GIT_CEILING_DIRECTORIES"] = std::move(above);
  for (const auto& text : named) {
    auto name = text.substr(0, text.find('='));
    if (name.empty()) return refuse("`" + text + "` names no environment variable");
    if (name.size() < text.size())
      all[name] = text.substr(name.size() + 1);
    else if (const char* value = std::getenv(name.c_str()))
      all[name] = value;
  }
  use_plain_numbers(all, named);
  std::vector<std::string> environment;
  for (const auto& [name, value] : all) environment.push_back(name + "=" + value);
  return environment;
}

expected<std::string> encode_request(const process_request& request) {
  const auto arguments = request.command.arguments();
  if (arguments.empty() || arguments.front().empty()) return refuse("it is empty");
  if (!request.directory.starts_with('/'))
    return refuse("its directory `" + request.directory + "` is not absolute");
  for (const auto& path : request.read_only_paths)
    if (!path.starts_with('/')) return refuse("the read-only path `" + path + "` is not absolute");
  if (!request.overlay.empty() && !request.overlay.starts_with('/'))
    return refuse("its overlay folder `" + request.overlay + "` is not absolute");
  if (!(request.timeout_s > 0) || !std::isfinite(request.timeout_s))
    return refuse("its time-out is not a positive number of seconds");
  if (!(request.grace_s >= 0) || !std::isfinite(request.grace_s))
    return refuse("its grace time is not a number of seconds");
  auto environment = command_environment(request.environment, request.directory);
  if (!environment) return environment.error();

  launch::run_header header;
  header.timeout_ns = nanoseconds(request.timeout_s);
  header.grace_ns = nanoseconds(request.grace_s);
  header.arguments = static_cast<std::uint32_t>(arguments.size());
  header.variables = static_cast<std::uint32_t>(environment->size());
  header.read_only_paths = static_cast<std::uint32_t>(request.read_only_paths.size());
  header.sandbox = static_cast<launch::sandbox>(request.sandbox);
  header.network_off = request.network ? 0 : 1;
  header.count_instructions = request.count_instructions ? 1 : 0;
  header.whole_cpu = request.whole_cpu ? 1 : 0;
  static_assert(static_cast<int>(sandbox_mode::strict) ==
                static_cast<int>(launch::sandbox::strict));
  static_assert(std::is_trivially_copyable_v<launch::run_header>);

  std::string bytes(sizeof header, '\0');
  bool has_nul = false;
  auto add = [&](const std::string& text) {
    has_nul = has_nul || text.find('\0') != std::string::npos;
    bytes.append(text.c_str(), text.size() + 1);
  };
  add(request.directory);
  add(request.overlay);
  for (const auto& text : arguments) add(text);
  for (const auto& text : *environment) add(text);
  for (const auto& text : request.read_only_paths) add(text);
  if (has_nul) return refuse("an argument, path or variable of it contains a NUL character");
  if (bytes.size() - sizeof header > launch::max_body_bytes)
    return refuse("its arguments and environment are larger than 4 MiB; put them into a file");
  header.body_bytes = static_cast<std::uint32_t>(bytes.size() - sizeof header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return {std::move(bytes)};
}

}  // namespace ratchet
