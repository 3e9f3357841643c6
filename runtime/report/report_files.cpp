// SPDX-License-Identifier: MIT
#include "runtime/report/report_files.hpp"

#include <fstream>
#include <iterator>

#include "actors/logic/arm_yield.hpp"
#include "actors/logic/model_yield.hpp"
#include "runtime/report/progress_chart.hpp"
#include "runtime/report/results_table.hpp"
#include "runtime/store/state_directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// What each model of the session came to, if any wrote edits.
json models_of(const std::vector<iteration_record>& results) {
  json models = json::array();
  for (const auto& yield : yields_of(results)) {
    json model = yield;
    model["gain_per_usd"] = gain_per_usd(yield);
    model["gain_per_million_tokens"] = gain_per_million_tokens(yield);
    models.push_back(std::move(model));
  }
  return models;
}

std::string document(const json& session, const session_settings& settings,
                     const std::vector<iteration_record>& results, const json& extra) {
  json report{
      {"schema_version", report_schema_version}, {"session", session}, {"config", settings}};
  if (auto models = models_of(results); !models.empty()) report["models"] = std::move(models);
  if (auto arms = arms_of(results); !arms.empty()) report["arms"] = arms;
  report["results"] = results;
  if (extra.is_object())
    for (const auto& [key, value] : extra.items())
      if (!report.contains(key)) report[key] = value;
  return report.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

class report_files final : public report_port {
 public:
  explicit report_files(fs::path reports) : reports_(std::move(reports)) {}

  expected<std::string> write(const std::string& session_id, const json& session,
                              const session_settings& settings,
                              const std::vector<iteration_record>& results,
                              const json& extra) override {
    if (auto fit = check_session_id(session_id); !fit) return fit.error();
    const auto beside = reports_ / session_id;
    const auto file = reports_ / (session_id + ".json");
    try {
      if (auto made = make_directory(beside); !made) return made.error();
      if (auto table = replace_file(beside / "results.tsv", render_results_tsv(settings, results));
          !table)
        return table.error();
      if (auto chart = replace_file(beside / "progress.svg",
                                    render_progress_svg(session, settings, results));
          !chart)
        return chart.error();
      if (auto report = replace_file(file, document(session, settings, results, extra)); !report)
        return report.error();
      return file.string();
    } catch (const std::exception& e) {
      return fail(errc::internal, "Cannot write the report " + file.string() + ": " + e.what() +
                                      ". Please report this.");
    }
  }

  expected<std::optional<std::string>> read(const std::string& session_id) override {
    if (auto fit = check_session_id(session_id); !fit) return fit.error();
    std::ifstream file(reports_ / (session_id + ".json"), std::ios::binary);
    if (!file) return std::optional<std::string>{};
    return std::optional(std::string(std::istreambuf_iterator<char>(file), {}));
  }

 private:
  fs::path reports_;
};

}  // namespace

expected<std::shared_ptr<report_port>> open_reports(const fs::path& state_directory) {
  const auto reports = state_directory / "reports";
  if (auto made = make_directory(reports); !made) return made.error();
  return std::shared_ptr<report_port>(std::make_shared<report_files>(reports));
}

}  // namespace ratchet
