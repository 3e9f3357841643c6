// SPDX-License-Identifier: MIT
#include "actors/benchmark_recorder.hpp"

#include <cmath>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

expected<done> record(benchmarks_port& benchmarks, const benchmark_row& row) {
  if (!std::isfinite(row.completion_time_s) || row.completion_time_s < 0 ||
      !std::isfinite(row.timestamp))
    return fail(errc::invalid_argument, "a benchmark of " + row.tool_name +
                                            " has a time that is negative or not a number; it is "
                                            "not recorded");
  if (auto ok = benchmarks.record_benchmark(row); !ok) return ok.error();
  return done{};
}

expected<best_tool_answer> own_best(benchmarks_port& benchmarks, const std::string& task_type) {
  auto tool = benchmarks.best_tool(task_type);
  if (!tool) return tool.error();
  const int nodes = *tool ? 1 : 0;
  return best_tool_answer{std::move(*tool), nodes};
}

/// This node votes like any other.
expected<best_tool_answer> hive_best(benchmarks_port& benchmarks, federation_port& federation,
                                     const std::string& task_type) {
  auto votes = federation.votes(task_type);
  if (!votes) return votes.error();
  auto own = benchmarks.tool_scores();
  if (!own) return own.error();
  for (auto& score : *own) votes->push_back({"", std::move(score)});
  auto best = best_hive_tool(*votes, task_type);
  if (!best) return best_tool_answer{};
  return best_tool_answer{std::move(best->score), best->nodes};
}

}  // namespace

benchmark_recorder_actor::behavior_type benchmark_recorder(benchmark_recorder_actor::pointer,
                                                           std::shared_ptr<benchmarks_port> own,
                                                           std::shared_ptr<federation_port> hive) {
  return {
      [own](const benchmark_row& row) { return as_result(record(*own, row)); },
      [own, hive](const best_tool_query& query) {
        return as_result(query.hive && hive ? hive_best(*own, *hive, query.task_type)
                                            : own_best(*own, query.task_type));
      },
  };
}

}  // namespace ratchet
