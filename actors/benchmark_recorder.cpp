// SPDX-License-Identifier: MIT
#include "actors/benchmark_recorder.hpp"

#include <cmath>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

expected<done> record(store_port& store, const benchmark_row& row) {
  if (!std::isfinite(row.completion_time_s) || row.completion_time_s < 0 ||
      !std::isfinite(row.timestamp))
    return fail(errc::invalid_argument, "a benchmark of " + row.tool_name +
                                            " has a time that is negative or not a number; it is "
                                            "not recorded");
  if (auto ok = store.record_benchmark(row); !ok) return ok.error();
  return done{};
}

expected<best_tool_answer> best(store_port& store, const best_tool_query& query) {
  auto tool = store.best_tool(query.task_type);
  if (!tool) return tool.error();
  return best_tool_answer{std::move(*tool)};
}

}  // namespace

benchmark_recorder_actor::behavior_type benchmark_recorder(benchmark_recorder_actor::pointer,
                                                           std::shared_ptr<store_port> store) {
  return {
      [store](const benchmark_row& row) { return as_result(record(*store, row)); },
      [store](const best_tool_query& query) { return as_result(best(*store, query)); },
  };
}

}  // namespace ratchet
