// SPDX-License-Identifier: MIT
#include "actors/measurement.hpp"

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_json_bytes = 16 << 20;

/// Hands the output to the metrics as it comes, and to those who watch.
class run_sink final : public output_sink {
 public:
  run_sink(std::vector<metric_scanner>& scanners, live_output& live, const std::string& session_id)
      : scanners_(scanners), live_(live), session_id_(session_id) {}
  ~run_sink() override { live_.end(session_id_); }
  run_sink(const run_sink&) = delete;
  run_sink& operator=(const run_sink&) = delete;
  void consume(std::string_view bytes) override {
    for (auto& s : scanners_) s.consume(bytes);
    live_.consume(session_id_, bytes);
  }

 private:
  std::vector<metric_scanner>& scanners_;
  live_output& live_;
  const std::string& session_id_;
};

}  // namespace

expected<measurer> measurer::open(const world& w, const session_settings& settings,
                                  std::string session_id, std::string directory) {
  measurer m;
  m.world_ = &w;
  m.settings_ = &settings;
  m.session_id_ = std::move(session_id);
  m.directory_ = std::move(directory);
  std::vector<metric_rule> rules{settings.metric()};
  for (const auto& guard : settings.guard_metrics) rules.push_back(guard.rule());
  for (const auto& rule : rules) {
    auto compiled = compile_metric(rule);
    if (!compiled) return compiled.error();
    m.metrics_.push_back(std::move(*compiled));
  }
  return m;
}

expected<measurement> measurer::measure(std::stop_token stop) const {
  auto& workspaces = *world_->workspaces;
  if (auto ok = workspaces.restore_protected(session_id_); !ok) return ok.error();
  process_request request;
  request.command = settings_->run_command;
  request.directory = directory_;
  request.environment = settings_->environment;
  request.timeout_s = settings_->time_budget_s;
  request.sandbox = settings_->sandbox;
  request.network = settings_->sandbox == sandbox_mode::none;
  for (const auto& path : settings_->protected_paths)
    request.read_only_paths.push_back(directory_ + "/" + path);
  if (auto info = workspaces.info(session_id_))
    for (auto& path : info->private_paths) request.read_only_paths.push_back(std::move(path));
  auto overlay = workspaces.begin_run(session_id_);
  if (!overlay) return overlay.error();
  // A gate's command may want to look at what the run left in the work tree.
  if (settings_->sandbox != sandbox_mode::none && settings_->gates.empty())
    request.overlay = *overlay;
  std::vector<metric_scanner> scanners;
  for (const auto& metric : metrics_) scanners.emplace_back(metric);
  run_sink sink(scanners, *world_->output, session_id_);
  auto outcome = world_->processes->run(request, &sink, stop);
  if (!outcome) return outcome.error();
  if (auto ok = workspaces.end_run(session_id_, outcome->overlaid); !ok) return ok.error();
  if (outcome->cancelled) return fail(errc::cancelled, "the run was cancelled");
  auto changed = workspaces.changed_protected(session_id_);
  if (!changed) return changed.error();
  auto result = read(*outcome, scanners);
  if (!changed->empty()) {
    result.voided = true;
    result.metric_value.reset();
    result.error = "void: the run changed protected files (" + listed(*changed) + ")";
  }
  return result;
}

metric_reading measurer::reading_of(std::size_t i, metric_scanner& scanner) const {
  const auto& metric = metrics_[i];
  if (!metric.reads_json()) return scanner.finish();
  auto bytes = world_->workspaces->read_file(session_id_, metric.json_path, max_json_bytes);
  if (!bytes) return {std::nullopt, "json", bytes.error().text};
  return read_json_metric(metric, *bytes);
}

measurement measurer::read(const process_outcome& outcome,
                           std::vector<metric_scanner>& scanners) const {
  measurement m;
  m.process = outcome;
  if (!outcome.succeeded()) {
    m.error = error_excerpt(outcome.exit_code, outcome.signal, outcome.timed_out,
                            settings_->time_budget_s, outcome.output_head, outcome.output_tail);
    return m;
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    auto reading = reading_of(i, scanners[i]);
    if (i > 0) {
      if (reading.value) m.guards[metrics_[i].rule.name] = *reading.value;
      continue;
    }
    m.metric_value = reading.value;
    m.metric_source = reading.source;
    if (!reading.value) m.error = "no metric: " + reading.missing;
  }
  return m;
}

}  // namespace ratchet
