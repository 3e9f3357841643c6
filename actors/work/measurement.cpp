// SPDX-License-Identifier: MIT
#include "actors/work/measurement.hpp"

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/plain_output.hpp"
#include "actors/logic/text.hpp"
#include "actors/work/run_usage.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_metric_file_bytes = 16 << 20;
constexpr std::size_t most_read_of_collected = 8 << 20;

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

expected<measurer> measurer::open(const world& w, const shared_settings& settings, work_tree_id id,
                                  std::string directory) {
  measurer m;
  m.world_ = &w;
  m.settings_ = settings;
  m.id_ = std::move(id);
  m.directory_ = std::move(directory);
  std::vector<metric_rule> rules{settings->metric()};
  for (const auto& guard : settings->guard_metrics) rules.push_back(guard.rule());
  for (const auto& rule : rules) {
    auto compiled = compile_metric(rule, comma_in(settings->environment));
    if (!compiled) return compiled.error();
    m.metrics_.push_back(std::move(*compiled));
  }
  m.units_.resize(m.metrics_.size());
  m.files_before_.resize(m.metrics_.size());
  return m;
}

void measurer::expect_units(const std::string& metric_unit,
                            const std::map<std::string, std::string>& guard_units) {
  units_[0] = metric_unit;
  for (std::size_t i = 1; i < metrics_.size(); ++i)
    if (auto known = guard_units.find(metrics_[i].rule.name); known != guard_units.end())
      units_[i] = known->second;
}

process_request measurer::request_for(const command_line& command, double timeout_s) const {
  process_request request;
  request.command = wrapped(*world_, command);
  request.directory = directory_;
  request.environment = settings_->environment;
  for (auto& own : world_->place.environment()) request.environment.push_back(std::move(own));
  request.timeout_s = timeout_s;
  request.sandbox = settings_->sandbox;
  request.network = settings_->sandbox == sandbox_mode::none;
  for (const auto& path : settings_->protected_paths)
    request.read_only_paths.push_back(directory_ + "/" + path);
  if (auto info = world_->workspaces->info(id_))
    for (auto& path : info->private_paths) request.read_only_paths.push_back(std::move(path));
  return request;
}

expected<process_outcome> measurer::run_in_tree(process_request request, output_sink& sink,
                                                bool lasting, std::stop_token stop) const {
  auto& workspaces = *world_->workspaces;
  if (auto ok = workspaces.restore_protected(id_); !ok) return ok.error();
  if (lasting) {
    if (auto ok = workspaces.begin_build(id_); !ok) return ok.error();
    return world_->processes->run(request, &sink, stop);
  }
  auto overlay = workspaces.begin_run(id_);
  if (!overlay) return overlay.error();
  // A gate's command may want to look at what the run left in the work tree.
  if (settings_->sandbox != sandbox_mode::none && settings_->gates.empty())
    request.overlay = *overlay;
  auto outcome = world_->processes->run(request, &sink, stop);
  if (!outcome) return outcome;
  if (auto ok = workspaces.end_run(id_, outcome->overlaid); !ok) return ok.error();
  return outcome;
}

expected<step_outcome> measurer::run_step(const char* name, const command_line& command,
                                          double timeout_s, bool lasting,
                                          std::stop_token stop) const {
  step_outcome done;
  if (command.empty()) return done;
  std::vector<metric_scanner> none;
  run_sink sink(none, *world_->output, id_.session);
  auto outcome = run_in_tree(request_for(command, timeout_s), sink, lasting, stop);
  if (!outcome) return outcome.error();
  if (outcome->cancelled) return fail(errc::cancelled, std::string(name) + " was cancelled");
  done.process = *outcome;
  if (!outcome->succeeded())
    done.error =
        step_failed(name) + error_excerpt(outcome->exit_code, outcome->signal, outcome->timed_out,
                                          timeout_s, outcome->output_head, outcome->output_tail,
                                          outcome->isolation, false);
  return done;
}

expected<step_outcome> measurer::build(std::stop_token stop) const {
  return run_step("build_command", settings_->build_command, settings_->build_time_budget_s, true,
                  stop);
}

expected<step_outcome> measurer::check(std::stop_token stop) const {
  return run_step("check_command", settings_->check_command, settings_->check_time_budget_s, false,
                  stop);
}

expected<measurement> measurer::measure(std::stop_token stop) const {
  auto request = request_for(settings_->run_command, settings_->time_budget_s);
  std::vector<metric_scanner> scanners;
  for (const auto& metric : metrics_) {
    scanners.emplace_back(metric);
    if (metric.measured == "instructions") request.count_instructions = true;
    if (metric.measured == "cpu_s") request.whole_cpu = true;
  }
  run_sink sink(scanners, *world_->output, id_.session);
  if (auto ok = look_at_files(); !ok) return ok.error();
  auto outcome = run_in_tree(std::move(request), sink, runs_build_, stop);
  if (!outcome) return outcome.error();
  if (outcome->cancelled) return fail(errc::cancelled, "the run was cancelled");
  auto changed = world_->workspaces->changed_protected(id_);
  if (!changed) return changed.error();
  auto result = read(*outcome, scanners);
  result.collected = collect();
  spdlog::debug("session {}: run_command took {:.3f} s: {}", id_.session, outcome->duration_s,
                result.metric_value ? shortest(*result.metric_value) : "no metric");
  if (!changed->empty()) {
    result.voided = true;
    result.metric_value.reset();
    result.error = "void: the run changed protected files (" + listed(*changed) + ")";
  }
  return result;
}

metric_reading measurer::reading_of(std::size_t i, metric_scanner& scanner,
                                    const process_outcome& outcome) const {
  const auto& metric = metrics_[i];
  if (!metric.measured.empty()) return read_measured(metric, usage_of(outcome));
  if (!metric.reads_file()) return scanner.finish();
  auto bytes = world_->workspaces->read_file(id_, metric.file_path, max_metric_file_bytes);
  if (!bytes) return {std::nullopt, metric.csv ? "csv" : "json", bytes.error().text};
  auto reading = read_file_metric(metric, *bytes);
  // Written again with the same bytes, or never written: from here the two look the same.
  if (reading.value && files_before_[i] && *files_before_[i] == **bytes)
    reading.warning = "the file " + metric.file_path +
                      " is as it was before the run: make sure that the command writes it (remove "
                      "it first), or an old value is read";
  return reading;
}

expected<> measurer::look_at_files() const {
  auto& workspaces = *world_->workspaces;
  // Where the run builds, such a file may be the build's memory, and stays from run to run.
  collected_before_.clear();
  if (runs_build_)
    for (const auto& path : settings_->collect_paths)
      if (auto bytes = workspaces.read_file(id_, path, most_read_of_collected); bytes && *bytes)
        collected_before_[path] = std::move(**bytes);
  // What an earlier run has left is gone, but where runs build: one that writes none must not be
  // given its number. What build_command has written is this candidate's.
  const bool may_be_old = settings_->build_command.empty();
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (!metrics_[i].reads_file()) continue;
    if (may_be_old)
      if (auto ok = workspaces.remove_untracked(id_, metrics_[i].file_path); !ok) return ok;
    auto bytes = workspaces.read_file(id_, metrics_[i].file_path, max_metric_file_bytes);
    files_before_[i] = bytes ? *bytes : std::nullopt;
  }
  return {};
}

/// What is too large or cannot be read is told in its place.
std::map<std::string, std::string> measurer::collect() const {
  constexpr std::size_t most_of_one = 16 << 10, most_in_all = 64 << 10;
  std::map<std::string, std::string> found;
  std::size_t room = most_in_all;
  for (const auto& path : settings_->collect_paths) {
    auto bytes = world_->workspaces->read_file(id_, path, most_read_of_collected);
    if (bytes && !*bytes) continue;
    if (auto before = collected_before_.find(path);
        bytes && before != collected_before_.end() && before->second == **bytes)
      continue;
    std::string text = bytes ? plain_output(**bytes) : "(not kept: " + bytes.error().text + ")";
    if (const auto most = std::min(most_of_one, room); text.size() > most)
      text = std::string(utf8_prefix(text, most)) + "\n(cut here)";
    room -= std::min(room, text.size());
    found[path] = std::move(text);
  }
  return found;
}

metric_reading measurer::in_known_unit(std::size_t i, metric_reading reading) const {
  if (!reading.value) return reading;
  if (!units_[i]) units_[i] = reading.unit;
  return in_unit(std::move(reading), *units_[i]);
}

measurement measurer::read(const process_outcome& outcome,
                           std::vector<metric_scanner>& scanners) const {
  measurement m;
  m.process = outcome;
  if (!outcome.succeeded()) {
    m.error = error_excerpt(outcome.exit_code, outcome.signal, outcome.timed_out,
                            settings_->time_budget_s, outcome.output_head, outcome.output_tail,
                            outcome.isolation);
    return m;
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    auto reading = in_known_unit(i, reading_of(i, scanners[i], outcome));
    if (i == 0) {
      m.metric_value = reading.value;
      m.metric_source = reading.source;
      m.metric_unit = reading.unit;
      if (!reading.warning.empty()) m.warnings.push_back(reading.warning);
      if (!reading.value) m.error = no_metric_text(reading, outcome.output_tail);
      continue;
    }
    const auto& name = metrics_[i].rule.name;
    // A guard that another word stands in for guards nothing.
    if (reading.source.starts_with("fallback:")) {
      reading.value.reset();
      reading.missing = shown(name) + " is nowhere in the output";
    }
    if (reading.value) {
      m.guards[name] = *reading.value;
      m.guard_units[name] = reading.unit;
    } else {
      m.warnings.push_back("guard metric " + shown(name) + " was not found: " + reading.missing);
    }
  }
  return m;
}

}  // namespace ratchet
