// SPDX-License-Identifier: MIT
#include "actors/logic/requirements.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_value = 200;

enum class relation { present, equal, at_least };
struct parsed_requirement {
  std::string_view name;
  relation asks = relation::present;
  std::string_view value;
};

parsed_requirement parse(std::string_view text) {
  if (auto at = text.find(">="); at != text.npos)
    return {text.substr(0, at), relation::at_least, text.substr(at + 2)};
  if (auto at = text.find('='); at != text.npos)
    return {text.substr(0, at), relation::equal, text.substr(at + 1)};
  return {text, relation::present, {}};
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '_' || c == '.' || c == '-';
         });
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The value of a fact or label; nothing when the machine has none of that name.
std::optional<std::string> value_of(const machine_facts& m, std::string_view name) {
  if (name == "arch") return m.arch;
  if (name == "cpu") return m.cpu;
  if (name == "os") return m.os;
  if (name == "name") return m.name;
  if (name == "device" && !m.device.empty()) return m.device;
  if (name == "cpus") return std::to_string(m.cpus);
  if (name == "memory_gb") return shortest(m.memory_mb / 1024.0);
  auto it = m.labels.find(std::string(name));
  if (it == m.labels.end()) return std::nullopt;
  return it->second;
}

}  // namespace

std::string requirement_fault(std::string_view requirement) {
  auto r = parse(requirement);
  if (!is_name(r.name))
    return "has no name of 1 to 64 letters, digits, _ . or - at its front; write for example "
           "\"gpu\", \"arch=x86_64\" or \"cpus>=8\"";
  if (r.asks == relation::equal && (r.value.empty() || r.value.size() > longest_value))
    return "has no value of 1 to 200 characters behind the =";
  if (r.asks == relation::at_least && !number(r.value)) return "has no number behind the >=";
  return "";
}

bool meets(const machine_facts& machine, std::string_view requirement) {
  auto r = parse(requirement);
  auto found = value_of(machine, r.name);
  if (!found) return false;
  switch (r.asks) {
    case relation::present:
      return true;
    case relation::equal:
      return *found == r.value || (r.name == "os" && found->substr(0, found->find(' ')) == r.value);
    case relation::at_least: {
      auto has = number(*found), wanted = number(r.value);
      return has && wanted && *has >= *wanted;
    }
  }
  return false;
}

bool meets_all(const machine_facts& machine, const std::vector<std::string>& requirements) {
  return std::all_of(requirements.begin(), requirements.end(),
                     [&](const auto& r) { return meets(machine, r); });
}

std::string machine_class(const machine_facts& machine) {
  std::string text = machine.arch + ", " + (machine.cpu.empty() ? "unknown cpu" : machine.cpu) +
                     ", " + std::to_string(machine.cpus) + " cpus";
  for (const auto& [name, value] : machine.labels)
    text += ", " + name + (value.empty() ? "" : "=" + value);
  if (!machine.device.empty()) text += ", device " + machine.device;
  return text;
}

json environment_difference(const machine_facts& node, const machine_facts& worker) {
  json difference = json::object();
  const json mine = node, other = worker;
  for (const auto& [key, value] : other.items())
    if (key != "name" && (!mine.contains(key) || mine[key] != value)) difference[key] = value;
  if (!other.contains("labels") && mine.contains("labels")) difference["labels"] = json::object();
  return difference;
}

expected<std::pair<std::string, std::string>> parse_label(std::string_view text) {
  auto r = parse(text);
  if (r.asks != relation::at_least && is_name(r.name) && r.value.size() <= longest_value &&
      !(r.asks == relation::equal && r.value.empty()))
    return std::pair{std::string(r.name), std::string(r.value)};
  return fail(errc::invalid_argument,
              "label: \"" + one_line(std::string(text), 100) +
                  "\" is none; write NAME or NAME=VALUE, such as gpu or gpu=a100",
              json{{"field", "label"}});
}

}  // namespace ratchet
