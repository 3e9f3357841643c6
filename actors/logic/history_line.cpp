// SPDX-License-Identifier: MIT
#include "actors/logic/history_line.hpp"

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/telling_line.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

std::string how_it_ended(const run_result& result) {
  const char* what = result.failed_at == "build"   ? "DOES NOT BUILD: "
                     : result.failed_at == "check" ? "FAILS ITS CHECK: "
                                                   : "CRASHED: ";
  std::string_view error = *result.error;
  // What failed is said already.
  if (const auto step = step_failed(result.failed_at + "_command"); error.starts_with(step))
    error.remove_prefix(step.size());
  const std::string why = telling_line(valid_utf8(error));
  return what + (why.empty() ? std::string("no message") : one_line(why, 200));
}

}  // namespace

std::string history_line(const iteration_record& r, const std::string& metric_name) {
  std::string out = std::to_string(r.iteration) + ": ";
  out +=
      r.iteration == 0 ? "the unmodified code" : one_line(valid_utf8(r.candidate.hypothesis), 200);
  const std::string reason = one_line(valid_utf8(r.reason), 200);
  if (r.decision == "edit_failed") return out + " | no edit (" + reason + ")";
  if (r.result && r.result->error) return out + " | " + how_it_ended(*r.result);
  const bool measured = r.result && r.result->metric_value;
  out += " | " + one_line(valid_utf8(metric_name), 80) + " " +
         (measured   ? shortest(*r.result->metric_value)
          : r.result ? "unknown"
                     : "not run") +
         ", " + (r.decision.empty() ? "undecided" : r.decision);
  if (r.decision != "kept" && r.decision != "baseline" && !reason.empty())
    out += " (" + reason + ")";
  return out;
}

}  // namespace ratchet
