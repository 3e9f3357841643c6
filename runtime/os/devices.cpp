// SPDX-License-Identifier: MIT
#include "runtime/os/devices.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

namespace fs = std::filesystem;

failure refuse(const std::string& why) {
  return fail(errc::invalid_argument,
              "--devices: " + why + "; give their numbers, such as 0,1, or leave it out",
              json{{"field", "devices"}});
}

bool is_device_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '/' || c == '.';
         });
}

expected<std::vector<std::string>> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (std::size_t at = 0; at <= list.size();) {
    const auto comma = std::min(list.find(',', at), list.size());
    names.push_back(list.substr(at, comma - at));
    at = comma + 1;
    if (!is_device_name(names.back()))
      return refuse("\"" + one_line(names.back(), 100) + "\" is no device");
    if (!seen.insert(names.back()).second) return refuse(names.back() + " is there twice");
  }
  return names;
}

/// Of each GPU that NVIDIA's driver has, in the driver's order.
std::vector<std::string> nvidia_models(const fs::path& root) {
  std::set<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator it(root / "proc/driver/nvidia/gpus", error), end; !error && it != end;
       it.increment(error))
    folders.insert(it->path());
  std::vector<std::string> models;
  for (const auto& folder : folders) {
    models.emplace_back();
    std::ifstream lines(folder / "information");
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("Model:"))
        if (const auto begin = line.find_first_not_of(" \t", 6); begin != line.npos)
          models.back() = one_line(line.substr(begin), 100);
  }
  return models;
}

}  // namespace

expected<device_list> devices_of(const std::string& text, const fs::path& root) {
  const auto models = nvidia_models(root);
  device_list found;
  if (!models.empty()) found.model = models.front();
  std::string list = text;
  if (text == "auto") {
    list.clear();
    for (const char* name : {"CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})
      if (const char* value = std::getenv(name); list.empty() && value) list = value;
    for (std::size_t i = 0; list.empty() && i < models.size(); ++i)
      found.names.push_back(std::to_string(i));
    if (!found.names.empty()) return found;
    if (list.empty()) return refuse("no device was found on this machine");
  }
  auto names = names_in(list);
  if (!names) return names.error();
  found.names = std::move(*names);
  return found;
}

}  // namespace ratchet
