// SPDX-License-Identifier: MIT
#include "runtime/mcp/step_tasks.hpp"

#include <charconv>

#include "actors/logic/text.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::mcp {

namespace {

constexpr std::string_view step_prefix = "autoresearch_";  // of every step's name
constexpr std::int64_t poll_interval_ms = 1000;
constexpr std::int64_t kept_ms = 86'400'000;  // the session itself is kept for good

session_step step_of(std::string_view tool_name) {
  const tool* t = find_tool(tool_name);
  return t ? t->step : session_step::none;
}

/// run, of autoresearch_run
std::string short_name(session_step step) {
  return std::string(name_of(step).substr(step_prefix.size()));
}

/// Of the short name.
std::optional<session_step> parse_step(const std::string& word) {
  return parse_enum<session_step>(std::string(step_prefix) + word);
}

json task_object(const std::string& id, const step_task& task, const char* status,
                 const std::string& message) {
  return {{"taskId", id},
          {"status", status},
          {"statusMessage", message},
          {"createdAt", task.created},
          {"lastUpdatedAt", rfc3339(wall_clock_ms())},
          {"ttlMs", kept_ms},
          {"pollIntervalMs", poll_interval_ms}};
}

}  // namespace

bool is_step_tool(std::string_view tool) { return step_of(tool) != session_step::none; }

json new_task(const std::string& tool, const std::string& session_id) {
  const auto now = wall_clock_ms();
  step_task task{session_id, short_name(step_of(tool)), rfc3339(now)};
  json result{{"resultType", "task"}};
  const auto id = session_id + "." + task.step + "." + std::to_string(now);
  result.update(task_object(id, task, "working", task.step + " is at work"));
  return result;
}

std::optional<step_task> read_task_id(const std::string& id) {
  const auto first = id.find('.');
  const auto second = id.find('.', first == std::string::npos ? first : first + 1);
  if (first != 12 || second == std::string::npos) return std::nullopt;
  step_task task{id.substr(0, first), id.substr(first + 1, second - first - 1), ""};
  if (!parse_step(task.step)) return std::nullopt;
  std::int64_t created = 0;
  const char* end = id.data() + id.size();
  auto read = std::from_chars(id.data() + second + 1, end, created);
  if (read.ec != std::errc{} || read.ptr != end || created < 0 || created > 253'402'300'799'000)
    return std::nullopt;
  task.created = rfc3339(created);
  return task;
}

json task_view(const std::string& id, const step_task& task, const json& progress) {
  if (progress.value("state", "") == "running")
    return task_object(
        id, task, "working",
        task.step + " is at work, iteration " + to_text(progress.value("iteration", json(0))));
  const json last = progress.value("last_result", json());
  const std::string tool = std::string(step_prefix) + task.step;
  const bool is_last = last.is_object() && last.value("step", "") == tool;
  if (!is_last && progress.value("step", "") == tool)
    return task_object(id, task, "cancelled",
                       task.step + " was cancelled or cut off, and is undone");
  json view = task_object(id, task, "completed", task.step + " is over");
  // A later step may have been answered since: then the progress is what is known.
  view["answer"] = is_last ? last["answer"] : progress;
  return view;
}

}  // namespace ratchet::mcp
