// SPDX-License-Identifier: MIT
#include "runtime/report/results_table.hpp"

#include <charconv>
#include <cmath>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

std::optional<double> measured(const iteration_record& r) {
  if (!r.result || !r.result->metric_value || !std::isfinite(*r.result->metric_value))
    return std::nullopt;
  return r.result->metric_value;
}

std::string memory_gb(const iteration_record& r) {
  double gb = 0;
  int decimals = 1;
  if (r.result) {
    const auto& guards = r.result->guards;
    if (auto it = guards.find("memory_gb"); it != guards.end()) {
      gb = it->second;
    } else if (auto mb = guards.find("peak_vram_mb"); mb != guards.end()) {
      gb = mb->second / 1024;
    } else if (r.result->max_rss_mb) {
      gb = *r.result->max_rss_mb / 1000;
      decimals = 3;
    }
  }
  if (!std::isfinite(gb) || std::abs(gb) > 1e12) gb = 0;
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, gb, std::chars_format::fixed, decimals).ptr;
  return {text, end};
}

const char* status_of(const iteration_record& r) {
  if (r.decision == "kept") return "keep";
  if (r.result && (r.result->error || !measured(r))) return "crash";
  if (r.decision == "baseline") return r.result ? "keep" : "crash";
  return "discard";
}

std::string description(const iteration_record& r) {
  std::string text = r.candidate.hypothesis;
  if (text.empty() && r.iteration == 0) text = "baseline";
  std::string why;
  if (r.decision.empty())
    why = "undecided";
  else if (r.decision == "edit_failed" || r.decision == "commit_failed")
    why = (r.decision == "edit_failed" ? "edit failed: " : "commit failed: ") + r.reason;
  else if (r.decision == "rejected_by_gate")
    why = "rejected: " + first_line(r.reason);
  else if (r.decision == "build_failed" || r.decision == "check_failed")
    why = (r.decision == "build_failed" ? "does not build: " : "fails its check: ") + r.reason;
  else if (r.result && r.result->error)
    why = *r.result->error;
  else if (r.decision == "reverted")
    why = r.reason;
  why = one_line(why);
  if (!why.empty()) text += (text.empty() ? "(" : " (") + why + ")";
  return text;
}

/// Not one_line: that shortens.
std::string cell(std::string_view text) {
  std::string out = valid_utf8(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

}  // namespace

std::string render_results_tsv(const session_settings& settings,
                               const std::vector<iteration_record>& results) {
  std::string out = "commit\t" + cell(settings.metric_name) + "\tmemory_gb\tstatus\tdescription\n";
  for (const auto& r : results) {
    const auto value = measured(r);
    const auto& commit = r.commit.empty() && r.iteration == 0 ? r.candidate.parent : r.commit;
    out += commit.empty() ? "-" : cell(commit.substr(0, 7));
    out += '\t' + (value ? shortest(*value) : "") + '\t' + memory_gb(r) + '\t' + status_of(r) +
           '\t' + cell(description(r)) + '\n';
  }
  return out;
}

}  // namespace ratchet
