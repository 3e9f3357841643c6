// SPDX-License-Identifier: MIT
//
// The report of a session, for people and programs that come after it:
//
//   <state>/reports/<id>.json              {schema_version, session, config, models, results,
//                                           …extra keys}; models if any wrote edits, one by one:
//                                           {…model_yield, gain_per_usd, gain_per_million_tokens}
//   <state>/reports/<id>/results.tsv       one line an iteration (results_table.hpp)
//   <state>/reports/<id>/progress.svg      metric over iterations (progress_chart.hpp)
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/report_port.hpp"

namespace ratchet {

/// Raised when a key changes its meaning; new keys may come without.
constexpr int report_schema_version = 1;

/// The reports of a state directory; directories are made when they are needed.
///
/// Promises: each file is whole or absent, or as it was before, at every moment; the JSON comes
/// last, so that where it is new the others are too. Text is valid UTF-8 and every number finite
/// (null otherwise). `extra` must be an object or null; it cannot replace the keys above.
///
/// Fails with `invalid_argument` for an id that is none, `store_failed` when a file cannot be
/// written: the text names it, the system's reason and what to do.
expected<std::shared_ptr<report_port>> open_reports(const std::filesystem::path& state_directory);

}  // namespace ratchet
