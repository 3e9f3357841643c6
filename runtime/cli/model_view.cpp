// SPDX-License-Identifier: MIT
#include "runtime/cli/model_view.hpp"

#include <algorithm>
#include <array>

#include "actors/logic/arm_yield.hpp"
#include "actors/logic/model_yield.hpp"
#include "actors/logic/text.hpp"

namespace ratchet::cli {

namespace {

constexpr int widest_name = 40;

using model_row = std::array<std::string, 8>;

std::string gain_text(double gain) { return gain > 0 ? percent_text(gain * 100) : "0 %"; }

model_row heading(bool priced) {
  return {"model", "asked",  "applied", "kept",
          "gain",  "tokens", "USD",     priced ? "gain/USD" : "gain/million tokens"};
}

model_row row_of(const model_yield& y, bool priced) {
  const auto per_cost = priced ? gain_per_usd(y) : gain_per_million_tokens(y);
  return {one_line(harmless(y.model), 200),
          std::to_string(y.asked),
          std::to_string(y.applied),
          std::to_string(y.kept),
          gain_text(y.gain),
          std::to_string(y.counted_tokens),
          number_text(y.counted_cost_usd),
          per_cost ? gain_text(*per_cost) : number_text({})};
}

std::string line_of(const model_row& row, int name_width, const text_style& style) {
  constexpr std::array widths{7, 9, 6, 11, 12, 12};
  std::string line = cell(row[0], name_width, style);
  for (std::size_t i = 0; i < widths.size(); ++i) line += cell(row[i + 1], widths[i], style);
  return line + row.back();
}

/// Calls of edits that did not apply and were free, or that were cancelled.
std::string in_no_row(const std::vector<model_yield>& yields, usage_totals all) {
  for (const auto& y : yields) {
    all.calls -= y.calls;
    all.counted_tokens -= y.counted_tokens;
    all.counted_cost_usd -= y.counted_cost_usd.value_or(0);
  }
  if (all.calls <= 0) return "";
  std::string text = "and " + std::to_string(all.calls) +
                     (all.calls == 1 ? " call, " : " calls, ") +
                     std::to_string(all.counted_tokens) + " tokens";
  if (all.counted_cost_usd > 1e-12) text += ", " + number_text(all.counted_cost_usd) + " USD";
  return text + ", for edits that came to nothing and cost no iteration";
}

}  // namespace

std::vector<std::string> model_table(const std::vector<iteration_record>& rows,
                                     const usage_totals& all, int width, const text_style& style) {
  const auto yields = yields_of(rows);
  if (yields.empty()) return {};
  const bool priced = std::all_of(yields.begin(), yields.end(), [](const model_yield& y) {
    return y.counted_cost_usd.has_value();
  });
  std::vector<model_row> table{heading(priced)};
  for (const auto& y : yields) table.push_back(row_of(y, priced));
  int name_width = 0;
  for (const auto& row : table)
    name_width = std::clamp(display_width(row[0]) + 2, name_width, widest_name);
  std::vector<std::string> lines;
  for (const auto& row : table)
    lines.push_back(clipped(line_of(row, name_width, style), width, style));
  lines.front() = painted(style, paint::bold, lines.front());
  if (auto rest = in_no_row(yields, all); !rest.empty())
    lines.push_back(clipped(rest, width, style));
  return lines;
}

std::vector<std::string> arm_table(const std::vector<iteration_record>& rows,
                                   const text_style& style) {
  const auto arms = arms_of(rows);
  if (arms.size() < 2) return {};
  constexpr int name = 10, count = 9;
  auto line = [&](const std::string& arm, const std::string& asked, const std::string& applied,
                  const std::string& kept, const std::string& gain) {
    return cell(arm, name, style) + cell(asked, count, style) + cell(applied, count, style) +
           cell(kept, count, style) + gain;
  };
  std::vector<std::string> lines{
      painted(style, paint::bold, line("asked for", "times", "applied", "kept", "gain"))};
  for (const auto& a : arms)
    lines.push_back(line(a.arm, std::to_string(a.asked), std::to_string(a.applied),
                         std::to_string(a.kept), gain_text(a.gain)));
  return lines;
}

}  // namespace ratchet::cli
