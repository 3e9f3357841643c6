// SPDX-License-Identifier: MIT
#include "actors/logic/delta_contents.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

using refusal = std::optional<delta_refusal>;

constexpr std::array<std::string_view, 10> known_keys{
    "version",      "node_id",           "time",    "ts",      "sequence",
    "autoresearch", "coding_benchmarks", "recipes", "sent_ms", "signature"};

constexpr double max_metric = std::numeric_limits<double>::max();
constexpr double max_count = 1e9;
constexpr double max_gain = 1e6;
constexpr std::size_t max_hypothesis_bytes = 1024;
constexpr std::size_t max_path_bytes = 4096;

delta_refusal malformed(const std::string& what) { return {"malformed", what}; }
delta_refusal implausible(const std::string& what) { return {"implausible", what}; }

bool in_range(const json& value, double low, double high) {
  if (!value.is_number()) return false;
  const auto x = value.get<double>();
  return std::isfinite(x) && x >= low && x <= high;
}

/// One line of printable text.
bool is_shown_text(const json& value, std::size_t max_bytes) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= max_bytes && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool is_id(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.empty() || (text.size() <= 128 && is_plain_name(text.substr(0, 64)) &&
                          (text.size() <= 64 || is_plain_name(text.substr(64))));
}

refusal read_session(const json& envelope) {
  auto it = envelope.find("autoresearch");
  if (it == envelope.end() || !it->is_object())
    return malformed("autoresearch is missing or no object");
  const json& s = *it;
  if (!s.contains("session_id") || !is_id(s["session_id"]))
    return malformed("autoresearch/session_id is not an id");
  for (const char* key : {"experiment_id", "metric_name"})  // an egress guard may have been at them
    if (!s.contains(key) || !is_shown_text(s[key], 256))
      return malformed(std::string("autoresearch/") + key + " is not one line of text");
  for (const char* key : {"baseline", "best"}) {
    if (!s.contains(key)) return malformed(std::string("autoresearch/") + key + " is missing");
    if (!s[key].is_null() && !in_range(s[key], -max_metric, max_metric))
      return implausible(std::string("autoresearch/") + key + " is not a number in range");
  }
  for (const char* key :
       {"total_improvements", "iterations", "constitutional_rejections", "baseline_rejections"})
    if (!s.contains(key) || !s[key].is_number_integer() || !in_range(s[key], 0, max_count))
      return implausible(std::string("autoresearch/") + key + " is not a count in range");
  return std::nullopt;
}

refusal read_score(const std::string& task, const std::string& tool, const json& value,
                   const delta_limits& limits, checked_delta& out) {
  if (!is_plain_name(task) || !is_plain_name(tool))
    return malformed("coding_benchmarks: " + shown(task, 64) + " / " + shown(tool, 64) +
                     " are not names of 1 to 64 of A-Z a-z 0-9 _ . : / + -");
  const auto where = "coding_benchmarks: " + task + "/" + tool + ": ";
  if (!value.is_object()) return malformed(where + "no object");
  for (const char* key : {"success_rate", "avg_time_s", "sample_count"})
    if (!value.contains(key)) return malformed(where + key + " is missing");
  if (!in_range(value["success_rate"], 0, 1))
    return implausible(where + "success_rate is not a number from 0 to 1");
  if (!in_range(value["avg_time_s"], 0, limits.max_time_s))
    return implausible(where + "avg_time_s is not a number from 0 to " +
                       shortest(limits.max_time_s));
  if (!value["sample_count"].is_number_integer() ||
      !in_range(value["sample_count"], static_cast<double>(limits.min_samples),
                static_cast<double>(limits.max_samples)))
    return implausible(where + "sample_count is not a number from " +
                       std::to_string(limits.min_samples) + " to " +
                       std::to_string(limits.max_samples));
  // What nodes tell since layout 5 of the store; others leave them out.
  for (const auto& [key, most] : {std::pair{"kept_rate", 1.0}, std::pair{"gain", max_gain}})
    if (value.contains(key) && !in_range(value[key], 0, most))
      return implausible(where + key + " is not a number from 0 to " + shortest(most));
  if (out.scores.size() == limits.max_scores)
    return malformed("coding_benchmarks has more than " + std::to_string(limits.max_scores) +
                     " tools");
  out.scores.push_back({task, tool, value["success_rate"].get<double>(),
                        value["avg_time_s"].get<double>(), value["sample_count"].get<long long>()});
  auto number = [&](const char* key) {
    return value.contains(key) ? std::optional(value[key].get<double>()) : std::nullopt;
  };
  out.scores.back().kept_rate = number("kept_rate");
  out.scores.back().gain = number("gain");
  return std::nullopt;
}

refusal read_scores(const json& envelope, const delta_limits& limits, checked_delta& out) {
  auto it = envelope.find("coding_benchmarks");
  if (it == envelope.end()) return std::nullopt;
  if (!it->is_object()) return malformed("coding_benchmarks is no object");
  for (auto task = it->begin(); task != it->end(); ++task) {
    if (!task->is_object()) return malformed("coding_benchmarks: a kind of task is no object");
    for (auto tool = task->begin(); tool != task->end(); ++tool)
      if (auto r = read_score(task.key(), tool.key(), *tool, limits, out)) return r;
  }
  return std::nullopt;
}

/// {path, search, replace} or {path, content}: what replay() understands.
bool is_step(const json& step) {
  if (!step.is_object() || !step.contains("path") || !is_shown_text(step["path"], max_path_bytes))
    return false;
  if (step.contains("content")) return step["content"].is_string() || step["content"].is_null();
  return step.contains("search") && step["search"].is_string() && step.contains("replace") &&
         step["replace"].is_string();
}

refusal read_recipe(const json& value, checked_delta& out) {
  auto broken = [](const std::string& what) { return malformed("a recipe's " + what); };
  if (!value.is_object()) return malformed("a recipe is no object");
  for (const char* key : {"session_id", "experiment_id"})
    if (!value.contains(key) || !is_id(value[key])) return broken(std::string(key) + " is no id");
  if (value["session_id"] == "") return broken("session_id is empty");
  if (!value.contains("iteration") || !value["iteration"].is_number_integer() ||
      !in_range(value["iteration"], 0, max_count))
    return implausible("a recipe's iteration is not a count in range");
  for (const char* key : {"before", "after"})
    if (value.contains(key) && !value[key].is_null() &&
        !in_range(value[key], -max_metric, max_metric))
      return implausible(std::string("a recipe's ") + key + " is not a number in range");
  if (!value.contains("metric_name") || !is_shown_text(value["metric_name"], 256))
    return broken("metric_name is not one line of text");
  if (!value.contains("hypothesis") || !is_shown_text(value["hypothesis"], max_hypothesis_bytes))
    return broken("hypothesis is not one line of text");
  if (!value.contains("target_file") || !is_shown_text(value["target_file"], max_path_bytes))
    return broken("target_file is not a path");
  if (!value.contains("time") || !is_shown_text(value["time"], 64)) return broken("time is none");
  auto changes = value.find("changes");
  if (changes == value.end() || !changes->is_array() || changes->empty() ||
      !std::all_of(changes->begin(), changes->end(), is_step))
    return broken("changes are not a list of {path, search, replace} or {path, content}");
  out.recipes.push_back(value.get<recipe>());
  return std::nullopt;
}

refusal read_recipes(const json& envelope, const delta_limits& limits, checked_delta& out) {
  auto it = envelope.find("recipes");
  if (it == envelope.end()) return std::nullopt;
  if (!it->is_array() || it->size() > limits.max_recipes)
    return malformed("recipes must be a list of at most " + std::to_string(limits.max_recipes));
  for (const auto& value : *it)
    if (auto r = read_recipe(value, out)) return r;
  return std::nullopt;
}

refusal read_unknown(const json& envelope, const delta_limits& limits) {
  std::size_t bytes = 0;
  for (auto it = envelope.begin(); it != envelope.end(); ++it) {
    if (std::find(known_keys.begin(), known_keys.end(), it.key()) != known_keys.end()) continue;
    bytes += it.key().size() + it->dump(-1, ' ', false, json::error_handler_t::replace).size();
    if (bytes > limits.max_unknown_bytes)
      return delta_refusal{"unknown_content",
                           "more than " + std::to_string(limits.max_unknown_bytes) +
                               " bytes under keys that this version does not know"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<delta_refusal> read_delta_contents(const json& envelope, const delta_limits& limits,
                                                 checked_delta& out) {
  refusal r = read_session(envelope);
  if (!r) r = read_scores(envelope, limits, out);
  if (!r) r = read_recipes(envelope, limits, out);
  if (!r) r = read_unknown(envelope, limits);
  if (r) return r;
  // Only what this version reads: whatever else a stranger has put in is not kept.
  out.body = json::object();
  for (const char* key : {"version", "node_id", "sequence", "sent_ms"})
    if (auto it = envelope.find(key); it != envelope.end()) out.body[key] = *it;
  for (const char* key :
       {"session_id", "experiment_id", "metric_name", "baseline", "best", "total_improvements",
        "iterations", "constitutional_rejections", "baseline_rejections"})
    out.body["autoresearch"][key] = envelope["autoresearch"][key];
  return std::nullopt;
}

}  // namespace ratchet
