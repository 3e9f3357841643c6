// SPDX-License-Identifier: MIT
//
// results.tsv: the table that spreadsheets and notebooks read. UTF-8, tab separated, a header line:
//
//   commit       first 7 hex digits of the kept commit (of the base for the baseline), else "-"
//   <metric>     the shortest text of the value; empty when none was measured: 0 would be the best
//                value of a metric that is to be low
//   memory_gb    a guard metric of that name, else peak_vram_mb / 1024, with one decimal; else the
//                greatest resident set of one process in 10^9 bytes, with three; 0.0 is "nothing
//                was run"
//   status       keep    the baseline, and what was kept
//                crash   it ran and gave an error or no metric
//                discard everything else, also edits that never ran
//   description  the hypothesis, and in brackets why it is not there: one line
//
// Tabs and line breaks in a cell become blanks.
#pragma once

#include <string>
#include <vector>

#include "messages/experiments.hpp"

namespace ratchet {

std::string render_results_tsv(const session_settings& settings,
                               const std::vector<iteration_record>& results);

}  // namespace ratchet
